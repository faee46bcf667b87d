package world

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"moonpost/engine/sandbox/answer"
)

var messageFunctions = map[string]handler{
	"GetMessages":   getMessages,
	"DeleteMessage": deleteMessage,
}

// maxMessages bounds how many messages are listed at once: half a GB of them.
const maxMessages = 500_000

// getMessages lists the messages that lie in a folder itself. Only the form of
// the id is known; listing 20,000 takes a second of a job's time.
func getMessages(c *Call) (any, error) {
	if !c.Has("folder") {
		return nil, NoValue() // optional in the reference, and nothing to do without it
	}
	f, err := c.folder("folder")
	if err != nil {
		return nil, err
	}
	a, id := c.archive, f.ID
	count := a.tallies()[id].count
	if count > maxMessages {
		return nil, problem("Exception of type 'System.OutOfMemoryException' was thrown.",
			"Eine Ausnahme vom Typ 'System.OutOfMemoryException' wurde ausgelöst.")
	}
	return &Work{
		Stages: []Stage{{Takes: time.Duration(count) * time.Second / 20_000, Percent: 100}},
		Done:   func() (any, error) { return a.messagesIn(id), nil },
	}, nil
}

func (a *archive) messagesIn(folder int64) answer.List {
	list := answer.List{}
	for _, s := range a.Stores {
		if s.usable() != nil {
			continue
		}
		for _, p := range s.Mail {
			if p.Folder != folder {
				continue
			}
			for i := range p.Count {
				list = append(list, s.message(p, i))
			}
		}
	}
	return list
}

// message describes the message i places behind the first one of a portion.
func (s *store) message(p portion, i int64) answer.Object {
	draw := scatter(uint64(p.Origin + i))
	archived := p.archived(i)
	all := senders()
	return answer.Obj(
		"id", s.key()+":"+strconv.FormatInt(p.First+i, 10),
		"subject", subjects[draw>>32%uint64(len(subjects))]+" "+strconv.FormatUint(draw>>40%9000+1000, 10),
		"from", all[draw%uint64(len(all))],
		"dateUtc", date(archived.Add(-time.Duration(draw%7200)*time.Second).UTC()),
		"archiveDateUtc", date(archived.UTC()),
		"size", p.size(i),
	)
}

// senders are those who write from outside.
var senders = sync.OnceValue(func() []string {
	all := []string{}
	for _, given := range givenNames {
		for _, family := range familyNames {
			all = append(all, fmt.Sprintf("%s %s <%s.%s@example.net>", given, family, fold(plain(given)), fold(plain(family))))
		}
	}
	return all
})

// scatter makes a number that looks drawn out of another one (the finalizer of
// splitmix64).
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

var subjects = []string{
	"Angebot", "Re: Angebot", "Invoice", "Rechnung", "AW: Termin", "Meeting on Monday", "Fwd: Contract", "Statusbericht",
	"Übergabe", "Order confirmation", "Delivery note", "Urlaubsantrag", "Newsletter", "Protokoll", "Question about order", "Ticket",
}

// deleteMessage takes a message out of its store, unless something keeps it.
func deleteMessage(c *Call) (any, error) {
	id := c.Text("id")
	s, at, i, err := c.message(id)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(c.Text("reason")) == "" {
		return nil, problem("A message cannot be deleted without a reason.", "Eine Nachricht kann nicht ohne Grund gelöscht werden.")
	}
	if err := c.archive.deletable(); err != nil {
		return nil, err
	}
	if err := s.writable(); err != nil {
		return nil, err
	}
	p := s.Mail[at]
	if all := c.archive.policies(); len(all) > 0 && p.archived(i).After(all.keep(c.archive.tops()[p.Folder], time.Now())) {
		return nil, problem("The message '%s' is kept by a retention policy.", "Die Nachricht '%s' wird durch eine Aufbewahrungsrichtlinie geschützt.", id)
	}
	s.drop(at, i, 1)
	c.changed(s)
	c.Effect(s.key() + ":" + strconv.FormatInt(p.First+i, 10))
	return nil, nil
}

// message returns where the message of an id lies. The folder must be there,
// so mail of a store that cannot be opened is not found.
func (c *Call) message(id string) (s *store, at int, i int64, err error) {
	storeText, numberText, _ := strings.Cut(id, ":")
	storeID, badStore := strconv.ParseInt(storeText, 10, 64)
	number, badNumber := strconv.ParseInt(numberText, 10, 64)
	if badStore != nil || badNumber != nil {
		return nil, 0, 0, problem("'%s' is not a valid message ID.", "'%s' ist keine gültige Nachrichten-ID.", id)
	}
	for _, s := range c.archive.Stores {
		if s.ID != storeID || s.usable() != nil {
			continue
		}
		if at, i, ok := s.find(number); ok {
			return s, at, i, nil
		}
	}
	return nil, 0, 0, problem("The message '%s' does not exist.", "Die Nachricht '%s' ist nicht vorhanden.", id)
}

// deletable refuses to delete mail under legal hold.
func (a *archive) deletable() error {
	config, _ := a.Settings["GetComplianceConfiguration"].(answer.Object)
	if config.Get("legalHoldEnabled") == true {
		return problem("No messages can be deleted while legal hold is enabled.",
			"Solange die Aufbewahrungspflicht (Legal Hold) aktiviert ist, können keine Nachrichten gelöscht werden.")
	}
	return nil
}
