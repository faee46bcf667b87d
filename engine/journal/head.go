package journal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gofrs/flock"

	"moonpost/engine/atomicfile"
	"moonpost/engine/fault"
)

// Head is the end of the audit chain as it was once: a chain that is shorter
// than its head was cut off.
type Head struct {
	Seq uint64
	Sum Digest
}

// HeadFile keeps the head outside the journal. It only moves on, also when
// several processes save theirs.
type HeadFile struct {
	Name   string
	Signer Signer
}

// headForm is the head on disk; the sum of it keeps it from being edited.
type headForm struct {
	Seq  uint64 `json:"seq"`
	Link string `json:"link"`
	Sum  string `json:"sum"`
}

const headDomain = "audit head"

func (f HeadFile) sum(seq uint64, link string) string {
	d := f.Signer.Sign(headDomain, fmt.Appendf(nil, "%d %s", seq, link))
	return hex.EncodeToString(d[:])
}

// Load returns the head, the zero one where the file is not there. A file that
// is no head, or was edited, is an error of kind state.
func (f HeadFile) Load() (Head, error) {
	text, err := os.ReadFile(f.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return Head{}, nil
	}
	if err != nil {
		return Head{}, headUnusable(err)
	}
	form := headForm{}
	var head Head
	if err := json.Unmarshal(text, &form); err == nil {
		head.Seq = form.Seq
		sum, _ := hex.DecodeString(form.Link)
		if len(sum) == len(head.Sum) && form.Sum == f.sum(form.Seq, form.Link) {
			return Head{form.Seq, Digest(sum)}, nil
		}
	}
	return Head{}, &fault.Error{
		Kind: fault.State, Op: "read " + f.Name,
		Message: "this is not the head of the audit chain as it was saved",
		Hint:    "restore it from a backup; without it, nothing proves that the chain is whole",
	}
}

// Save moves the head on to a link that is on disk; to one before it, it does
// nothing.
func (f HeadFile) Save(to Link) error {
	lock := flock.New(f.Name+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return headUnusable(err)
	}
	defer lock.Close()
	now, err := f.Load()
	if err != nil || now.Seq >= to.Seq {
		return err
	}
	form := headForm{Seq: to.Seq, Link: hex.EncodeToString(to.Sum[:])}
	form.Sum = f.sum(form.Seq, form.Link)
	atomicfile.Sweep(f.Name)
	if err := atomicfile.Write(f.Name, func(w io.Writer) error { return json.NewEncoder(w).Encode(form) }); err != nil {
		return headUnusable(err)
	}
	return nil
}

func headUnusable(err error) error {
	return &fault.Error{Kind: fault.State, Op: "keep the head of the audit chain", Err: err, Hint: "look at the disk of the state folder and at its rights"}
}
