package api

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/call"
	"moonpost/engine/fault"
)

// object is a kind of thing on the server that calls name, and the reads that
// show whether one is there.
type object struct {
	what  string
	list  string // lists all of them
	args  []call.Arg
	field string // of a list element: what names the object
	one   string // reads one by an argument of the same name, and fails without it; "": there is no such read
	whole bool   // its name is a whole number
}

var (
	user    = object{what: "user", list: "GetUsers", field: "userName", one: "GetUserInfo"}
	store   = object{what: "store", list: "GetStores", field: "id", whole: true}
	profile = object{what: "profile", list: "GetProfiles", args: []call.Arg{{Name: "raw", Value: true}}, field: "id", whole: true}
	job     = object{what: "job", list: "GetJobs", field: "id", whole: true}
)

// lookup says what a refused call may mean: that the object which arg names is
// missing, or that it is there already.
type lookup struct {
	object object
	arg    string
	means  fault.Kind // fault.NotFound or fault.Exists
}

// lookups has the functions whose refusal a read can explain. The vendor's
// texts are not known and come in several languages, so they explain nothing.
var lookups = func() map[string][]lookup {
	all := map[string][]lookup{
		"CreateUser": {{user, "userName", fault.Exists}},
		"RenameUser": {{user, "oldUserName", fault.NotFound}, {user, "newUserName", fault.Exists}},
		"MergeStore": {{store, "id", fault.NotFound}, {store, "sourceId", fault.NotFound}},
	}
	for _, group := range []struct {
		object object
		arg    string
		fns    string
	}{
		{user, "userName", `GetUserInfo DeleteUser DeleteAppPasswords DisableMFA InitializeMFA ClearUserPrivilegesOnFolders
			SetUserAuthentication SetUserDistinguishedName SetUserEmailAddresses SetUserFullName SetUserLoginPrivileges
			SetUserPassword SetUserPop3UserNames SetUserPrivileges SetUserPrivilegesOnAllFolders SetUserPrivilegesOnFolder`},
		{store, "id", `CompactStore DetachStore GetStoreIndexes RebuildStoreIndex RecoverStore RecreateRecoveryRecords RenameStore
			RepairStoreDatabase SetStorePath SetStoreProperties SetStoreRequestedState UnlockStore UpgradeStore VerifyStore`},
		{profile, "id", "DeleteProfile RunProfile SetProfileServerSideExecution"},
		{job, "id", "CancelJobAsync DeleteJob RenameJob RunJobAsync SetJobEnabled SetJobSchedule"},
	} {
		for fn := range strings.FieldsSeq(group.fns) {
			all[fn] = []lookup{{group.object, group.arg, fault.NotFound}}
		}
	}
	return all
}()

// confirm looks whether the server refused a call because its object is missing,
// or is there already, and then says so beside the server's own words. Otherwise
// err stays as it is.
func (c *Client) confirm(ctx context.Context, offer *offer, req call.Request, said *refusal, err error) error {
	refused, ok := err.(*fault.Error)
	if !ok || refused.Kind != fault.Server {
		return err
	}
	if missing := c.withoutInstance(ctx, offer, req, said, refused); missing != nil {
		return missing
	}
	for _, l := range lookups[req.Fn] {
		name, given := argText(req.Args, l.arg)
		if !given || !l.object.named(name) {
			continue // what is no name was refused for that
		}
		there, known := c.look(ctx, offer, req, l, name)
		if !known || there != (l.means == fault.Exists) {
			continue
		}
		text := "there is no " + l.object.what + " " + name
		if there {
			text = "there is a " + l.object.what + " " + name + " already"
		}
		return confirmed(refused, l.means, text, said)
	}
	return err
}

// confirmed is the refusal with what a read has shown of it.
func confirmed(refused *fault.Error, kind fault.Kind, text string, said *refusal) *fault.Error {
	e := *refused
	e.Kind, e.Message = kind, text
	if said.message != "" {
		e.Message += " (the server said: " + refused.Message + ")"
	}
	return &e
}

// named reports whether an object may have this name.
func (o object) named(name string) bool {
	if !o.whole {
		return strings.TrimSpace(name) != ""
	}
	n, err := strconv.ParseInt(name, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == name
}

// look reads whether the object is there. Presence is read off one object where
// that is possible: a bulk import that runs twice is refused for every row, and
// must not read the list of all users for each of them. Absence takes the list,
// because the refusal of a read may have any reason.
func (c *Client) look(ctx context.Context, offer *offer, req call.Request, l lookup, name string) (there, known bool) {
	read := call.Request{Fn: l.object.list, Args: slices.Clone(l.object.args), Item: req.Item}
	one := l.means == fault.Exists && offer.byName[l.object.one] != nil
	if one {
		read.Fn, read.Args = l.object.one, []call.Arg{{Name: l.object.field, Value: name}}
	} else if offer.byName[read.Fn] == nil {
		return false, false
	}
	if instance, given := argText(req.Args, instanceArg); given {
		read.Args = append(read.Args, call.Arg{Name: instanceArg, Value: instance})
	}
	answer, err := c.Call(ctx, read, nil)
	if one {
		return err == nil, err == nil
	}
	if err != nil {
		return false, false
	}
	return has(answer.Result, l.object.field, name)
}

// argText returns an argument that names something, as text.
func argText(args []call.Arg, name string) (string, bool) {
	for _, a := range args {
		if a.Name != name {
			continue
		}
		switch v := a.Value.(type) {
		case string:
			return v, true
		case float64:
			return plain(v), true
		}
	}
	return "", false
}

// has looks for an element of a JSON list whose field is name; case does not
// count, as in Windows names. ok is false when the text is no such list.
func has(list []byte, field, name string) (there, ok bool) {
	var elements []map[string]json.RawMessage
	if err := json.Unmarshal(list, &elements); err != nil {
		return false, false
	}
	for _, e := range elements {
		if strings.EqualFold(strings.Trim(string(e[field]), `"`), name) {
			return true, true
		}
		if text := ""; json.Unmarshal(e[field], &text) == nil && strings.EqualFold(text, name) {
			return true, true
		}
	}
	return false, true
}
