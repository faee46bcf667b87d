package stdlib

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"

	"moonpost/engine/columns"
)

// tick is the function that ends a template whose context has ended.
const tick = "tick__"

// templateFuncs are the functions of templates. Those of the package that can
// make a long text of a short one take a limit here: the interpreter of
// templates has none.
func templateFuncs(ctx context.Context) map[string]any {
	forms := sync.OnceValue(newTextForms)
	return map[string]any{
		tick: func() (string, error) { return "", context.Cause(ctx) },
		"has": func(values map[string]any, name string) bool {
			_, ok := values[name]
			return ok
		},
		"get": func(values map[string]any, name string, fallback ...any) any {
			if value, ok := values[name]; ok {
				return value
			}
			if len(fallback) > 0 {
				return fallback[0]
			}
			return ""
		},
		"join":  joinValues,
		"upper": func(text string) string { return forms().toUpper(text) },
		"lower": func(text string) string { return forms().toLower(text) },
		"title": func(text string) string { return forms().title.String(text) },
		"trim":  strings.TrimSpace,
		"number": func(value any, decimals int) (string, error) {
			n, err := number(value)
			if err != nil || decimals < 0 || decimals > 20 {
				return "", fmt.Errorf("want a number and 0 to 20 decimals, got %v and %d", value, decimals)
			}
			return strconv.FormatFloat(n, 'f', decimals, 64), nil
		},
		"date":      dateText,
		"json":      jsonText,
		"pad_left":  func(value any, width int) (string, error) { return padded(value, width, columns.PadLeft) },
		"pad_right": func(value any, width int) (string, error) { return padded(value, width, columns.Pad) },

		"print": func(args ...any) (string, error) { return bounded(args, func() string { return fmt.Sprint(args...) }) },
		"println": func(args ...any) (string, error) {
			return bounded(args, func() string { return fmt.Sprintln(args...) })
		},
		"printf":   printf,
		"js":       escaper(template.JSEscaper),
		"html":     escaper(template.HTMLEscaper),
		"urlquery": escaper(template.URLQueryEscaper),
	}
}

// escaper is a function of the package that escapes, with a limit.
func escaper(escape func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		return bounded(args, func() string { return escape(args...) })
	}
}

// bounded returns the text that write makes of args, unless it would be large.
func bounded(args []any, write func() string) (string, error) {
	size := 0
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			size += len(text)
		}
		if size > maxFilled {
			return "", errTooLarge()
		}
	}
	text := write()
	if len(text) > maxFilled {
		return "", errTooLarge()
	}
	return text, nil
}

// printf is that of the package for formats that say how long the text gets.
func printf(format string, args ...any) (string, error) {
	size := len(format)
	for rest := format; ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			break
		}
		flags := after[:len(after)-len(strings.TrimLeft(after, "+-# 0123456789.*["))]
		if strings.ContainsAny(flags, "*[") {
			return "", fmt.Errorf("printf takes no * and no [n], got %q", clip(format))
		}
		for width := range strings.FieldsFuncSeq(flags, func(r rune) bool { return r < '0' || r > '9' }) {
			n, err := strconv.Atoi(width)
			if err != nil || n > widest {
				return "", fmt.Errorf("printf takes widths of %d at most, got %q", widest, clip(format))
			}
			size += n
		}
		rest = strings.TrimPrefix(after[len(flags):], "%")
	}
	if size > maxFilled {
		return "", errTooLarge()
	}
	return bounded(args, func() string { return fmt.Sprintf(format, args...) })
}

func joinValues(list []any, separator string) (string, error) {
	if len(list)*len(separator) > maxFilled {
		return "", errTooLarge()
	}
	texts := make([]string, len(list))
	for i, value := range list {
		texts[i] = fmt.Sprint(value)
	}
	return bounded(list, func() string { return strings.Join(texts, separator) })
}

func padded(value any, width int, pad func(string, int) string) (string, error) {
	if width < 1 || width > widest {
		return "", fmt.Errorf("want a width of 1 to %d, got %d", widest, width)
	}
	return pad(fmt.Sprint(value), width), nil
}

func number(value any) (float64, error) {
	switch v := value.(type) {
	case int:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case decimal:
		return float64(v), nil
	case float64: // a constant of the template
		return v, nil
	case string:
		return strconv.ParseFloat(v, 64)
	}
	return 0, fmt.Errorf("%v is no number", value)
}

func dateText(value any, layout string) (string, error) {
	if text, ok := value.(string); ok {
		t, _, err := parse("date", text, time.Local)
		if err != nil {
			return "", err
		}
		return strftime(t, layout)
	}
	seconds, err := number(value)
	if err != nil {
		return "", err
	}
	t, err := toTime("date", seconds)
	if err != nil {
		return "", err
	}
	return strftime(t.In(time.Local), layout)
}

func jsonText(value any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
