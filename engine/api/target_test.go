package api

import (
	"strings"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func TestNewAcceptsAddresses(t *testing.T) {
	for _, tc := range []struct{ name, url, instance, want string }{
		{"port is kept", "https://mail.example.com:9000", "", "mail.example.com:9000"},
		{"port of Server is filled in", "https://mail.example.com", "", "mail.example.com:8463"},
		{"port of the Service Provider Edition is filled in with an instance", "https://mail.example.com", "acme", "mail.example.com:8474"},
		{"slash at the end is fine", "https://mail.example.com/", "", "mail.example.com:8463"},
		{"IPv6 keeps its brackets", "https://[::1]", "", "[::1]:8463"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := New(Config{URL: tc.url, Instance: tc.instance, User: "admin"})
			if err != nil {
				t.Fatalf("New(%q) = %v, want a client", tc.url, err)
			}
			if c.target != tc.want {
				t.Errorf("New(%q).target = %s, want %s", tc.url, c.target, tc.want)
			}
		})
	}
}

func TestNewRefusesConfigurations(t *testing.T) {
	good := Config{URL: "https://mail.example.com", User: "admin", Password: secret.New("hunter2hunter2")}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no address", func(c *Config) { c.URL = "" }, "no server address"},
		{"no scheme", func(c *Config) { c.URL = "mail.example.com:8463" }, "write https://host"},
		{"http", func(c *Config) { c.URL = "http://mail.example.com" }, "HTTPS only"},
		{"http on loopback", func(c *Config) { c.URL = "http://127.0.0.1:1" }, "HTTPS only"},
		{"other scheme", func(c *Config) { c.URL = "ftp://mail.example.com" }, `unknown scheme "ftp"`},
		{"login in the address", func(c *Config) { c.URL = "https://admin:hunter2hunter2@mail.example.com" }, "holds a login"},
		{"path", func(c *Config) { c.URL = "https://mail.example.com/api/invoke" }, "without path"},
		{"query", func(c *Config) { c.URL = "https://mail.example.com?x=1" }, "goes on after the host"},
		{"port that does not exist", func(c *Config) { c.URL = "https://mail.example.com:99999" }, "does not exist"},
		{"no user", func(c *Config) { c.User = "" }, "no user name"},
		{"colon in the user", func(c *Config) { c.User = "a:b" }, "colon"},
		{"fingerprint of another length", func(c *Config) { c.Fingerprint = "abcd" }, "no SHA-256: 4 digits"},
		{"fingerprint with other letters", func(c *Config) { c.Fingerprint = strings.Repeat("zz", 32) }, "no SHA-256: 'z' is no hex digit"},
		{"fingerprint and insecure", func(c *Config) { c.Fingerprint, c.Insecure = strings.Repeat("ab", 32), true }, "exclude each other"},
		{"missing CA file", func(c *Config) { c.CAFile = "testdata/none.pem" }, "none.pem"},
		{"CA file without certificate", func(c *Config) { c.CAFile = "target_test.go" }, "holds no certificate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := good
			tc.change(&cfg)
			_, err := New(cfg)
			wantKind(t, "New", err, fault.Usage, tc.want)
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("New = %v, want the password left out", err)
			}
		})
	}
}

func TestFingerprintForms(t *testing.T) {
	plain := strings.Repeat("ab", 32)
	colons := strings.ToUpper(strings.TrimSuffix(strings.Repeat("ab:", 32), ":"))
	for _, text := range []string{plain, colons, "sha256:" + plain, "  " + plain + "\n", "SHA256:" + colons} {
		got, err := parseFingerprint(text)
		if err != nil || len(got) != 32 || got[0] != 0xab {
			t.Errorf("parseFingerprint(%q) = %x, %v, want 32 bytes ab", text, got, err)
		}
	}
}
