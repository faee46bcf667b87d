package decl_test

import (
	"testing"
	"time"

	"moonpost/engine/luavm/decl"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 30 * day, "2w": 14 * day, "1w1d1h": 8*day + time.Hour,
		"0.5d": 12 * time.Hour, "0": 0, "-1s": -time.Second,
	} {
		if got, err := decl.ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "1", "30 d", "1h1d", "-1d", "1d-1h", "1..5d", "106752d", "15251w", "9e9d", "106751d24h"} {
		if got, err := decl.ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}
