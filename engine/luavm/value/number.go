package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm/decl"
)

func convertNumber(t *decl.Type, v lua.LValue) (any, *mismatch) {
	f, bad := toFloat(t, v)
	if bad != nil {
		return nil, bad
	}
	return f, nil
}

func convertInteger(t *decl.Type, v lua.LValue) (any, *mismatch) {
	f, bad := toFloat(t, v)
	if bad != nil {
		return nil, bad
	}
	if f != math.Trunc(f) {
		return nil, &mismatch{problem: fmt.Sprintf("want a whole number, got %v", f)}
	}
	if f >= maxExact || f <= -maxExact {
		return nil, &mismatch{problem: fmt.Sprintf("the number %.0f is not exact", f)}
	}
	return int64(f), nil
}

// toFloat takes a number, or a text of digits as it comes from CSV.
func toFloat(t *decl.Type, v lua.LValue) (float64, *mismatch) {
	switch v := v.(type) {
	case lua.LNumber:
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, &mismatch{problem: fmt.Sprintf("want %s, got %s", t, v)}
		}
		return f, nil
	case lua.LString:
		if !isDigits(string(v)) {
			return 0, &mismatch{problem: fmt.Sprintf("want %s, got the text %q", t, clip(string(v)))}
		}
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || f >= maxExact || f <= -maxExact {
			return 0, &mismatch{problem: fmt.Sprintf("the number %s is not exact", clip(string(v)))}
		}
		return f, nil
	}
	return 0, want(t, v)
}

// isDigits reports whether s is a decimal number: digits, a sign before and a
// fraction after them at most.
func isDigits(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, dot := strings.Cut(s, ".")
	digits := func(s string) bool {
		return s != "" && strings.Trim(s, "0123456789") == ""
	}
	return digits(whole) && (!dot || digits(fraction))
}

func convertDuration(t *decl.Type, v lua.LValue) (any, *mismatch) {
	const hint = `seconds as a number, or text like "90s", "15m", "2h", "7d", "2w"`
	if s, ok := v.(lua.LString); ok && !isDigits(string(s)) {
		d, err := decl.ParseDuration(string(s))
		if err != nil || d < 0 {
			return nil, &mismatch{problem: fmt.Sprintf("want %s, got the text %q", t, clip(string(s))), hint: hint}
		}
		return d, nil
	}
	seconds, bad := toFloat(t, v)
	if bad != nil {
		bad.hint = hint
		return nil, bad
	}
	if seconds < 0 || seconds > math.MaxInt64/float64(time.Second) {
		return nil, &mismatch{problem: fmt.Sprintf("want %s, got %v seconds", t, seconds), hint: hint}
	}
	return time.Duration(seconds * float64(time.Second)), nil
}
