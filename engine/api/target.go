package api

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// parseTarget returns the server's address: https, host and port, nothing else.
func parseTarget(cfg Config) (url.URL, error) {
	refuse := func(message, hint string) (url.URL, error) {
		return url.URL{}, &fault.Error{Kind: fault.Usage, Op: "target", Message: message, Hint: hint}
	}
	const form = "write https://host or https://host:port"
	if cfg.URL == "" {
		return refuse("no server address", form)
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		// The text is not repeated: what does not parse may hold a password.
		return refuse("the server address is no URL", form)
	}
	switch {
	case u.User != nil:
		return refuse("the server address holds a login", "give the user and the password apart from the address; a password never belongs into a URL")
	case u.Scheme == "http":
		return refuse("http is not encrypted", "MailStore's API speaks HTTPS only: "+"https://"+u.Host)
	case u.Scheme != "https":
		return refuse("unknown scheme "+strconv.Quote(u.Scheme), form)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return refuse("the server address goes on after the host", "write it without path: https://"+u.Host)
	case u.Hostname() == "":
		return refuse("the server address has no host", form)
	}
	if cfg.User == "" {
		return refuse("no user name", "name a MailStore administrator, for example with --user or MOONPOST_USER")
	}
	if strings.Contains(cfg.User, ":") {
		return refuse("the user name holds a colon, which HTTP Basic login cannot carry", "")
	}
	port := u.Port()
	if port == "" {
		edition := catalogue.Server
		if cfg.Instance != "" {
			edition = catalogue.SPE
		}
		port = strconv.Itoa(edition.Port())
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return refuse("port "+strconv.Quote(port)+" does not exist", form)
	}
	return url.URL{Scheme: "https", Host: net.JoinHostPort(u.Hostname(), port)}, nil
}

// Address returns host and port of the server at that URL, as Cached takes it.
// With an instance it is of the Service Provider Edition, which counts where the
// URL has no port.
func Address(address, instance string) (string, error) {
	u, err := parseTarget(Config{URL: address, Instance: instance, User: "nobody"})
	return u.Host, err
}
