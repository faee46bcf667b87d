package api

import (
	"syscall"
	"unsafe"
)

var wsaPoll = syscall.NewLazyDLL("ws2_32.dll").NewProc("WSAPoll")

// silent reports whether the socket is open and has nothing to read. It takes
// nothing from it and does not wait.
func silent(fd uintptr) bool {
	const readable = 0x0300 // POLLRDNORM | POLLRDBAND; an end of the connection is told unasked
	p := struct {
		fd              uintptr
		events, revents int16
	}{fd: fd, events: readable}
	ready, _, _ := wsaPoll.Call(uintptr(unsafe.Pointer(&p)), 1, 0)
	return ready == 0
}
