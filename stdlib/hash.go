package stdlib

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"moonpost/engine/luavm"
)

// digests are the ways to make a digest, by name.
var digests = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New, "sha1": sha1.New, "md5": md5.New}

func hashModule(h Host) luavm.Module {
	digest := []luavm.Param{{Name: "digest", Type: luavm.String, Doc: "lower-case hexadecimal digits"}}
	ofText := func(name, doc, example string) luavm.Func {
		return luavm.Func{
			Name: name, Doc: doc, Example: example, Returns: digest,
			Params: []luavm.Param{{Name: "text", Type: luavm.String, Doc: "what to make it of, as bytes"}},
			Call: func(c *luavm.Call) error {
				d := digests[name]()
				_, _ = io.WriteString(d, c.String(0)) // never fails
				return c.Return(hex.EncodeToString(d.Sum(nil)))
			},
		}
	}
	return luavm.Module{
		Name: "hash",
		Doc: "Digests of texts and files, to tell whether two are the same. sha1 and md5 are for comparing with lists that others made: who " +
			"wants to can make two files with one md5. For bytes behind the digits see text.from_hex.",
		Funcs: []luavm.Func{
			ofText("sha256", "Returns the SHA-256 of a text, 64 digits.", `assert(#hash.sha256("mail") == 64)`),
			ofText("sha512", "Returns the SHA-512 of a text, 128 digits.", `assert(#hash.sha512("mail") == 128)`),
			ofText("sha1", "Returns the SHA-1 of a text, 40 digits.", `assert(hash.sha1("mail"):find("^%x+$"))`),
			ofText("md5", "Returns the MD5 of a text, 32 digits.", `assert(hash.md5("") == "d41d8cd98f00b204e9800998ecf8427e")`),
			{
				Name: "hmac_sha256",
				Doc:  "Returns the HMAC of a text with SHA-256, 64 digits: who does not know the key can neither make nor check it.",
				Params: []luavm.Param{
					{Name: "key", Type: luavm.Secret, Doc: "what both sides know"},
					{Name: "text", Type: luavm.String, Doc: "what to sign, as bytes"},
				},
				Returns: digest,
				Example: `assert(#hash.hmac_sha256("a key", "mail") == 64)`,
				Call: func(c *luavm.Call) error {
					mac := hmac.New(sha256.New, []byte(c.Secret(0).Reveal()))
					_, _ = io.WriteString(mac, c.String(1))
					return c.Return(hex.EncodeToString(mac.Sum(nil)))
				},
			},
			{
				Name: "file",
				Doc: "Returns the digest of a file of any size, which is read piece by piece while other tasks run. The files are those that fs " +
					"reaches.",
				Params: []luavm.Param{
					{Name: "path", Type: luavm.String, Doc: "the file"},
					{Name: "algorithm", Type: luavm.Enum("sha256", "sha512", "sha1", "md5"), Doc: "which digest", Optional: true, Default: `"sha256"`},
				},
				Returns: digest,
				Effect:  luavm.Reads,
				Example: `fs.write("mail.txt", "mail")
assert(hash.file("mail.txt") == hash.sha256("mail"))`,
				Call: func(c *luavm.Call) error { return hashFile(h, c) },
			},
		},
	}
}

func hashFile(h Host, c *luavm.Call) error {
	d := sha256.New()
	if c.Has(1) {
		d = digests[c.String(1)]()
	}
	m := files{host: h}
	err := m.reading(c, "hash.file", func(ctx context.Context, root *os.Root, name string) error {
		file, err := open(root, name)
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.CopyBuffer(d, cancelled{ctx, file}, make([]byte, 256<<10))
		return err
	})
	if err != nil {
		return err
	}
	return c.Return(hex.EncodeToString(d.Sum(nil)))
}
