// Package benchmark measures the goals that moonpost sets itself against the
// raw thing: the product's own binary running a playbook, in turn with a bare
// net/http client (or plain gopher-lua) doing the same work, the simulated
// server in a process of its own. It holds benchmarks only:
//
//	go test ./engine/benchmark -run '^$' -bench . -benchtime 1x -timeout 30m
//
// MOONPOST_BINARY names another program to measure, a release for one.
//
// Every figure is the median of paired rounds that alternate the two sides, so
// that a machine whose speed drifts drifts for both. A ratio of calls/s above 1
// means that moonpost is faster, a ratio of CPU or memory above 1 that it costs
// more. Nothing here fails because a machine is slow.
package benchmark
