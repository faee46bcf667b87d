package sandbox

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/sandbox/world"
)

const (
	stateFormat  = "moonpost sandbox"
	stateVersion = 1       // of the head, and of what a world means by its fields
	maxHead      = 1 << 20 // all certificates take 16 KiB
)

// stateHead is the first line of a state file; the second one is the world's.
type stateHead struct {
	Format       string              `json:"format"`
	Version      int                 `json:"version"`
	Certificates []storedCertificate `json:"certificates"`
}

type storedCertificate struct {
	Certificate []byte `json:"certificate"` // DER
	Key         []byte `json:"key"`         // SEC 1
	Active      bool   `json:"active"`
}

// writeState writes all that a server needs to go on.
func (s *Server) writeState(to io.Writer) error {
	head, err := s.stateHead()
	if err != nil {
		return err
	}
	line, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if _, err := to.Write(append(line, '\n')); err != nil {
		return err
	}
	return s.world.Save(to)
}

func (s *Server) stateHead() (stateHead, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	head := stateHead{Format: stateFormat, Version: stateVersion}
	for _, id := range s.certificates.known {
		key, err := x509.MarshalECPrivateKey(id.key)
		if err != nil {
			return head, err
		}
		head.Certificates = append(head.Certificates, storedCertificate{id.der, key, id == s.identity.Load()})
	}
	return head, nil
}

// resume goes on with what the state file holds, and reports whether there is
// one. A file that is not understood stays as it is.
func (s *Server) resume(o world.Options) (there bool, err error) {
	file, err := s.keeper.open()
	if err != nil {
		return false, keepError(s.keeper.file, err)
	}
	if file == nil {
		return false, nil
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, maxHead)
	head, err := readHead(in)
	if err != nil {
		return false, s.unusable(err)
	}
	if err := s.restoreCertificates(head.Certificates); err != nil {
		return false, s.unusable(err)
	}
	s.world, err = world.Load(in, o)
	if e, ok := errors.AsType[*world.ContradictionError](err); ok {
		return false, &fault.Error{
			Kind: fault.Usage, Op: "sandbox", Message: fmt.Sprintf("the server kept in %s has %v", s.keeper.file, e),
			Hint: "leave that out, or name another file to start afresh",
		}
	}
	if err != nil {
		return false, s.unusable(err)
	}
	return true, nil
}

func (s *Server) unusable(err error) error {
	return &fault.Error{
		Kind: fault.State, Op: "sandbox", Message: s.keeper.file + " cannot be used as its state", Err: err,
		Hint: "the file was left as it is; name another one to start afresh",
	}
}

// readHead reads the first line of a state file. A file of another kind is not
// read to its end.
func readHead(in *bufio.Reader) (stateHead, error) {
	var head stateHead
	line, err := in.ReadSlice('\n')
	if err == nil {
		err = json.Unmarshal(line, &head)
	}
	if err != nil || head.Format != stateFormat {
		return head, errors.New("no sandbox wrote it")
	}
	if head.Version != stateVersion {
		return head, fmt.Errorf("it has version %d, and this moonpost knows version %d", head.Version, stateVersion)
	}
	return head, nil
}

// restoreCertificates takes the stored certificates into use. Where the one in
// use is past its time, no pin of it helps anybody: new ones are made.
func (s *Server) restoreCertificates(stored []storedCertificate) error {
	for _, c := range stored {
		certificate, err := x509.ParseCertificate(c.Certificate)
		if err != nil {
			return err
		}
		key, err := x509.ParseECPrivateKey(c.Key)
		if err != nil {
			return err
		}
		if !key.PublicKey.Equal(certificate.PublicKey) {
			return errors.New("a certificate and its key do not belong together")
		}
		id := identityOf(c.Certificate, key)
		s.certificates.add(id)
		if c.Active && time.Now().Before(certificate.NotAfter) {
			s.identity.Store(id)
		}
	}
	if s.identity.Load() == nil {
		return s.makeCertificates()
	}
	return nil
}
