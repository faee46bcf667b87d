package world

import (
	"maps"
	"slices"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// handler runs one call. Its result is a value of package answer, or a *Work
// for what takes time. Its error is a *Problem.
type handler func(*Call) (any, error)

// handlers joins the tables of all areas.
func handlers() map[string]handler {
	all := map[string]handler{}
	for _, area := range []map[string]handler{
		infoFunctions,
		userFunctions,
		mfaFunctions,
		sessionFunctions,
		licenceFunctions,
		serviceFunctions,
		maintenanceFunctions,
		mailFunctions,
		credentialFunctions,
		rightsFunctions,
		folderFunctions,
		storeFunctions,
		upkeepFunctions,
		recoveryFunctions,
		indexFunctions,
		messageFunctions,
		retentionFunctions,
		profileFunctions,
		resultFunctions,
		serverJobFunctions,
		directoryFunctions,
		settingFunctions(),
		environmentFunctions,
		administratorFunctions,
		hostFunctions,
		accessServerFunctions,
		instanceFunctions,
		lifecycleFunctions,
		accessFunctions,
		statisticsFunctions,
		systemFunctions,
		transferFunctions,
	} {
		maps.Copy(all, area)
	}
	return all
}

// function is a function of the edition: its arguments as the catalogue has
// them, and its handler.
type function struct {
	name  string
	args  []catalogue.Arg
	reads bool // it changes nothing
	run   handler
}

func functionsOf(o Options) map[string]*function {
	runs := handlers()
	all := map[string]*function{}
	for _, f := range catalogue.All() {
		if !f.In(o.Edition) {
			continue
		}
		fn := &function{name: f.Name, args: f.ArgsIn(o.Edition), reads: f.ReadOnly, run: runs[f.Name]}
		if f.Name == "VerifyStore" && o.Behaviour.IncludeIndexesReq {
			fn.args[fn.index("includeIndexes")].Optional = false
		}
		all[f.Name] = fn
	}
	return all
}

// index returns the place of an argument, -1 when the function lacks it.
func (f *function) index(arg string) int {
	return slices.IndexFunc(f.args, func(a catalogue.Arg) bool { return a.Name == arg })
}

func metadataOf(functions map[string]*function) []byte {
	list := answer.List{}
	for _, name := range slices.Sorted(maps.Keys(functions)) {
		args := answer.List{}
		for _, a := range functions[name].args {
			args = append(args, answer.Obj("name", a.Name, "type", a.Type, "nullable", a.Optional))
		}
		list = append(list, answer.Obj("name", name, "args", args))
	}
	return answer.Text(list)
}
