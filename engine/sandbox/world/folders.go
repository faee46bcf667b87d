package world

// folder is a folder of an archive with what lies in it directly.
type folder struct {
	name     string
	count    int64 // messages
	size     int64 // bytes
	children []*folder
}
