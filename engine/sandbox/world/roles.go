package world

import (
	"crypto/sha1" // a thumbprint is one; nothing relies on it
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"moonpost/engine/sandbox/answer"
)

// The ports of the roles of an SPE (in the notes of an administrator, and on a
// live SPE 25.3).
const (
	managementPort = 8471
	hostPort       = 8472
	accessPort     = 8473
)

// serverRole is an instance host or a client access server as the management
// server knows it.
type serverRole struct {
	Name        string
	Port        int64
	Thumbprint  string
	Paired      string   // thumbprint under which it was paired; "" when it never was
	Base        string   // of an instance host: where instances go by default
	Directories []string // of an instance host: those that nothing else lies in
}

// active reports whether the management server reaches the role: it was paired
// under the thumbprint that is configured.
func (r *serverRole) active() bool {
	return r.Paired != "" && strings.EqualFold(r.Paired, r.Thumbprint)
}

// roleKind is what differs between the two kinds of roles.
type roleKind struct {
	of      func(*environment) map[string]*serverRole
	missing func(name string) *Problem
	base    bool // it has a base directory
}

// thumbprint makes up the SHA-1 of a certificate.
func thumbprint(port int64) string {
	sum := sha1.Sum(fmt.Append(nil, "certificate of port ", port))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// object returns the role as both its list and GetServiceStatus begin it.
func (r *serverRole) object() answer.Object {
	return answer.Obj(
		"serverName", r.Name,
		"port", r.Port,
		"serverCertificate", answer.Obj("thumbprint", r.Thumbprint),
	)
}

// list answers the roles that serverNameFilter lets pass, by name.
func (k roleKind) list(describe func(*Call, *serverRole) answer.Object) handler {
	return func(c *Call) (any, error) {
		all := k.of(c.Environment)
		list := answer.List{}
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !c.Has("serverNameFilter") || newFilter(c.Text("serverNameFilter")).matches(key) {
				list = append(list, describe(c, all[key]))
			}
		}
		return list, nil
	}
}

// configured reads a role from the argument config.
func (k roleKind) configured(c *Call) (*serverRole, error) {
	like := answer.Obj("serverName", "", "port", int64(0), "serverCertificate", answer.Obj("thumbprint", ""))
	if k.base {
		like = like.Add("baseDirectory", "")
	}
	config, err := c.config(like)
	if err != nil {
		return nil, err
	}
	name, err := named(config, "serverName")
	if err != nil {
		return nil, err
	}
	r := &serverRole{Name: name, Base: config.Text("baseDirectory")}
	r.Port, _ = config.Get("port").(int64)
	certificate, _ := config.Get("serverCertificate").(answer.Object)
	r.Thumbprint = certificate.Text("thumbprint")
	if r.Base != "" && !onDrive(r.Base) {
		return nil, badPath(r.Base)
	}
	return r, r.check()
}

func (r *serverRole) check() error {
	if strings.ContainsAny(r.Name, ` /\*,:`) || strings.ContainsFunc(r.Name, unicode.IsControl) {
		return problem("'%s' is not a valid server name.", "'%s' ist kein gültiger Servername.", r.Name)
	}
	if r.Port < 1 || r.Port > 65535 {
		return OutOfRange()
	}
	if digits, err := hex.DecodeString(r.Thumbprint); err != nil || len(digits) != sha1.Size {
		return problem("'%s' is not the thumbprint of a certificate.", "'%s' ist kein Fingerabdruck eines Zertifikats.", r.Thumbprint)
	}
	return nil
}

// create registers a role. The management server cannot reach it before it is
// paired; whether that is so on a real one is not known.
func (k roleKind) create(c *Call) (any, error) {
	r, err := k.configured(c)
	if err != nil {
		return nil, err
	}
	all := k.of(c.Environment)
	if all[fold(r.Name)] != nil {
		return nil, problem("The server '%s' is registered already.", "Der Server '%s' ist bereits registriert.", r.Name)
	}
	all[fold(r.Name)] = r
	c.Effect(r.Name)
	return nil, nil
}

// configure replaces the configuration of a role.
func (k roleKind) configure(c *Call) (any, error) {
	r, err := k.configured(c)
	if err != nil {
		return nil, err
	}
	old := k.of(c.Environment)[fold(r.Name)]
	if old == nil {
		return nil, k.missing(r.Name)
	}
	old.Port = r.Port
	if !c.half {
		old.Thumbprint, old.Base = r.Thumbprint, r.Base
	}
	c.Effect(old.Name)
	return nil, nil
}

// role returns the role that serverName names.
func (k roleKind) role(c *Call) (*serverRole, error) {
	r := k.of(c.Environment)[fold(c.Text("serverName"))]
	if r == nil {
		return nil, k.missing(c.Text("serverName"))
	}
	return r, nil
}

// remove takes a role off the management server.
func (k roleKind) remove(c *Call) (any, error) {
	r, err := k.role(c)
	if err != nil {
		return nil, err
	}
	delete(k.of(c.Environment), fold(r.Name))
	c.Effect(r.Name)
	return nil, nil
}
