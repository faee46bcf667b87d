package world

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
)

func TestServiceProviderAccess(t *testing.T) {
	w := spe()
	const off = "Service provider access to the instance 'alpha' is disabled."
	run(t, w, []step{
		do("GetArchiveAdminEnabled", "true", "instanceID=alpha"),
		do("SetArchiveAdminEnabled", "null", "instanceID=alpha", "enabled=false"),
		do("GetArchiveAdminEnabled", "false", "instanceID=ALPHA"),
		do("GetArchiveAdminEnabled", "true", "instanceID=bravo"),
		fails("CreateUser", off, "instanceID=alpha", "userName=ada", "privileges=login"),
		fails("GetInstanceProcessLiveStatistics", off, "instanceID=alpha"),
		fails("CreateClientOneTimeUrlForArchiveAdmin", off, "instanceID=alpha"),
		do("SelectAllStoreIndexesForRebuild", "null", "instanceID=alpha"),
		do("SetArchiveAdminEnabled", "null", "instanceID=alpha", "enabled=true"),
		do("CreateUser", "null", "instanceID=alpha", "userName=ada", "privileges=login"),
	})
	want := []string{"SetArchiveAdminEnabled alpha", "SelectAllStoreIndexesForRebuild alpha", "SetArchiveAdminEnabled alpha", "CreateUser alpha|ada"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

// TestWhatNeedsServiceProviderAccess calls every function of an instance
// without it. What works is on stores and indexes.
func TestWhatNeedsServiceProviderAccess(t *testing.T) {
	w := spe()
	call(t, w, "SetArchiveAdminEnabled", "instanceID=alpha", "enabled=false")
	free := []string{}
	for _, f := range catalogue.All() {
		fn := w.functions[f.Name]
		if fn == nil || fn.index("instanceID") < 0 {
			continue
		}
		c := &Call{World: w, fn: fn, archive: w.Archives["alpha"]}
		if c.enter() == nil {
			free = append(free, f.Name)
		}
	}
	want := []string{
		"AttachStore", "CompactStore", "CreateStore", "DetachStore", "GetArchiveAdminEnabled", "GetIndexConfiguration", "GetInstanceConfiguration",
		"GetStoreAutoCreateConfiguration", "GetStores", "MaintainFileSystemDatabases", "MergeStore", "RebuildSelectedStoreIndexes", "RecoverStore",
		"RecreateRecoveryRecords", "RefreshAllStoreStatistics", "RenameStore", "RepairStoreDatabase", "RetryOpenStores",
		"SelectAllStoreIndexesForRebuild", "SetArchiveAdminEnabled", "SetIndexConfiguration", "SetStoreAutoCreateConfiguration", "SetStorePath",
		"SetStoreRequestedState", "UnlockStore", "UpgradeStore", "UpgradeStores", "VerifyStore", "VerifyStores",
	}
	if !slices.Equal(free, want) {
		t.Errorf("functions that need no access:\n%q\nwant:\n%q", free, want)
	}
}

func TestOneTimeURLs(t *testing.T) {
	w := spe()
	own := call(t, w, "CreateClientOneTimeUrlForArchiveAdmin", "instanceID=alpha")
	if !strings.HasPrefix(own, `"https://mailstore/alpha/?otp=`) {
		t.Errorf("one-time URL = %s, want one of the client access server", own)
	}
	given := call(t, w, "CreateClientOneTimeUrlForArchiveAdmin", "instanceID=alpha", "instanceUrl=https://archive.example.com/a/")
	if !strings.HasPrefix(given, `"https://archive.example.com/a/?otp=`) || own[len(own)-10:] == given[len(given)-10:] {
		t.Errorf("one-time URL = %s, want a new one below instanceUrl", given)
	}
	run(t, w, []step{
		fails("CreateClientOneTimeUrlForArchiveAdmin", "'ftp://x' is not a valid URL.", "instanceID=alpha", "instanceUrl=ftp://x"),
		fails("CreateClientOneTimeUrlForArchiveAdmin", "'https:///x' is not a valid URL.", "instanceID=alpha", "instanceUrl=https:///x"),
		do("DeleteClientAccessServer", "null", "serverName=mailstore"),
		fails("CreateClientOneTimeUrlForArchiveAdmin", "There is no client access server.", "instanceID=alpha"),
	})
	want := []string{
		"CreateClientOneTimeUrlForArchiveAdmin alpha", "CreateClientOneTimeUrlForArchiveAdmin alpha|https://archive.example.com/a/",
		"DeleteClientAccessServer MAILSTORE",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}
