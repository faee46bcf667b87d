package sandbox

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"

	"moonpost/engine/sandbox/world"
)

// Effects returns how often each changing call took effect.
func (s *Server) Effects() []world.Effect { return s.world.Effects() }

// Advance moves the clock of jobs forward.
func (s *Server) Advance(d time.Duration) { s.world.Advance(d) }

// judge answers the endpoints beside the API by which tests look on: from this
// machine only, without a login.
func (s *Server) judge(c *conn, r *request) *response {
	if !local(c.raw.RemoteAddr()) {
		return notFound()
	}
	switch r.method + " " + strings.Join(r.segments, "/") {
	case "GET sandbox/effects":
		effects := s.Effects()
		if effects == nil {
			effects = []world.Effect{}
		}
		return plainJSON(map[string]any{"effects": effects})
	case "GET sandbox/requests":
		rows, connections := s.log.all()
		return plainJSON(map[string]any{"requests": rows, "connections": connections})
	case "GET sandbox/certificates":
		return plainJSON(map[string]any{"certificates": s.Certificates()})
	case "GET sandbox/faults":
		return plainJSON(map[string]any{"faults": s.Faults()})
	case "POST sandbox/faults":
		var rules []Fault
		if err := json.Unmarshal(r.body, &rules); err != nil {
			return mistake("want a list of faults: " + err.Error())
		}
		if err := s.SetFaults(rules); err != nil {
			return mistake(err.Error())
		}
		return plainJSON(map[string]any{"faults": s.Faults()})
	case "POST sandbox/clock":
		var move struct{ Advance string }
		if err := json.Unmarshal(r.body, &move); err != nil {
			return mistake(`want {"advance": "10m"}: ` + err.Error())
		}
		d, err := time.ParseDuration(move.Advance)
		if err != nil || d < 0 {
			return mistake(`want {"advance": "10m"}, not ` + string(r.body))
		}
		s.Advance(d)
		return plainJSON(map[string]any{"advanced": d.String()})
	}
	return page(http.StatusNotFound, "There is /sandbox/effects, /sandbox/requests, /sandbox/certificates, /sandbox/faults and /sandbox/clock.")
}

func local(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// plainJSON encodes data of this package, which cannot fail.
func plainJSON(v any) *response {
	body, _ := json.Marshal(v)
	return jsonResponse(append(body, '\n'))
}

func mistake(text string) *response {
	body, _ := json.Marshal(map[string]string{"error": text})
	return &response{status: http.StatusBadRequest, kind: "application/json", body: append(body, '\n')}
}
