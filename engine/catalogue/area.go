package catalogue

import (
	"slices"
	"strings"
)

// Area is a part of the product that functions are about.
type Area struct {
	Name  string // one word
	Title string
	words []string // a function whose name has one of them belongs here
}

// areas are asked in this order.
var areas = []Area{
	{"administrators", "System administrators", []string{"SystemAdministrator"}},
	{"hosts", "Hosts and client access servers", []string{"ClientAccess", "InstanceHost", "ManagementServer", "ServiceStatus"}},
	{"profiles", "Archiving and export profiles", []string{"Profile", "WorkerResult"}},
	{"jobs", "Scheduled jobs", []string{"Job"}},
	{"compliance", "Compliance and retention", []string{"Compliance", "Retention", "ArchiveAdmin"}},
	{"configuration", "Configuration", []string{"Smtp", "DirectoryServicesConfiguration", "Credential", "ServiceC", "Branding", "StatusReport"}},
	{"users", "Users and their rights", []string{"User", "Privileges", "AppPasswords", "MFA"}},
	{"folders", "Folders and messages", []string{"Folder", "Message"}},
	{"stores", "Archive stores and indexes", []string{"Store", "Index", "Database", "Recovery"}},
	{"instances", "Instances", []string{"Instance"}},
	{"server", "The server itself", []string{""}},
}

// Areas returns all areas in the order of the manual.
func Areas() []Area {
	order := slices.Clone(areas)
	first := []string{"users", "folders", "stores", "profiles", "jobs", "compliance", "configuration", "server"}
	slices.SortStableFunc(order, func(a, b Area) int {
		place := func(area Area) int {
			if i := slices.Index(first, area.Name); i >= 0 {
				return i
			}
			return len(first)
		}
		return place(a) - place(b)
	})
	return order
}

// AreaOf returns the area of the function of that name.
func AreaOf(name string) Area {
	i := slices.IndexFunc(areas, func(a Area) bool {
		return slices.ContainsFunc(a.words, func(word string) bool { return strings.Contains(name, word) })
	})
	return areas[i]
}
