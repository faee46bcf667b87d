//go:build race

package harden_test

// slowness is how much longer code may take under the race detector.
const slowness = 20
