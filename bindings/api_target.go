package bindings

import (
	"context"

	"moonpost/engine/call"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
)

// The fields of a target.
const (
	targetURL         = "url"
	targetUser        = "user"
	targetPassword    = "password"
	targetFingerprint = "fingerprint"
	targetCA          = "ca"
	targetInstance    = "instance"
)

var targetType = luavm.Record("target",
	luavm.Param{Name: targetURL, Type: luavm.String, Doc: "https://host, with :port where it is not the usual one"},
	luavm.Param{Name: targetUser, Type: luavm.String, Doc: "administrator to log in as"},
	luavm.Param{Name: targetPassword, Type: luavm.Secret, Doc: "its password, from an input of type secret"},
	luavm.Param{Name: targetFingerprint, Type: luavm.String, Optional: true, Doc: "SHA-256 of the server's certificate, the only one to trust"},
	luavm.Param{Name: targetCA, Type: luavm.String, Optional: true, Doc: "file with the certificates to trust", Default: "those of the system"},
	luavm.Param{Name: targetInstance, Type: luavm.String, Optional: true, Doc: "instance filled in as instanceID where a call gives none"},
)

func (r *remote) targetFunc() luavm.Func {
	return luavm.Func{
		Name:    "target",
		Doc:     "Gives access to another server: what it returns works like api itself.",
		Params:  []luavm.Param{{Name: "target", Type: targetType, Doc: "where it is and how to log in"}},
		Returns: []luavm.Param{{Name: "api", Type: luavm.Table, Doc: "like api, for that server"}},
		Example: `local other = api.target { url = "https://archive.example.com", user = "admin", password = "never in a playbook" }
assert(other.invoke and other.invoke ~= api.invoke)`,
		Effect: luavm.Reads,
		Call: func(c *luavm.Call) error {
			t := c.Table(0)
			to := Target{
				URL: field[string](t, targetURL), User: field[string](t, targetUser),
				Password: secretOf(t.Get(targetPassword)), Fingerprint: field[string](t, targetFingerprint),
				CA: field[string](t, targetCA), Instance: field[string](t, targetInstance),
			}
			r.host.Secrets.Add(to.Password)
			other := &remote{binding: r.binding, instance: to.Instance}
			other.server = newServer(func(ctx context.Context) (call.Server, error) { return r.host.Dial(ctx, to) })
			return c.Return(other.module())
		},
	}
}

// secretOf returns a field of type secret, which may be a plain text.
func secretOf(value any) secret.Secret {
	if text, ok := value.(string); ok {
		return secret.New(text)
	}
	s, _ := value.(secret.Secret)
	return s
}
