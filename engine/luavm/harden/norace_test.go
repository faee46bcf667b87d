//go:build !race

package harden_test

const slowness = 1
