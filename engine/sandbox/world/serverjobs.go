package world

import (
	"slices"
	"strconv"
	"time"

	"moonpost/engine/sandbox/answer"
)

var serverJobFunctions = map[string]handler{
	"GetJobs":        getJobs,
	"GetJobResults":  getJobResults,
	"CreateJob":      createJob,
	"DeleteJob":      deleteJob,
	"RenameJob":      renameJob,
	"SetJobEnabled":  setJobEnabled,
	"SetJobSchedule": setJobSchedule,
	"RunJobAsync":    runJobAsync,
	"CancelJobAsync": cancelJobAsync,
}

// serverJob is a job that the server runs by its own schedule. Here only
// RunJobAsync starts it: a server that changes by itself would make tests fail
// by the clock.
type serverJob struct {
	ID           int64
	Name         string
	Action       string
	Owner        string
	Created      time.Time
	LastStart    time.Time // zero: never
	LastComplete time.Time
	Enabled      bool
	Schedule     schedule
	Running      *job `json:"-"` // it ends with the process
}

// jobResult is a finished run of a serverJob.
type jobResult struct {
	ID       int64
	Job      int64
	Action   string
	Result   string
	Start    time.Time
	Complete time.Time
}

func (c *Call) serverJob() (*serverJob, error) {
	if !c.Has("id") {
		return nil, NoValue() // optional in the reference, and nothing to do without it
	}
	id := c.Number("id")
	i := slices.IndexFunc(c.archive.Jobs, func(j *serverJob) bool { return j.ID == id })
	if i < 0 {
		return nil, problem("The job %d does not exist.", "Der Job %d ist nicht vorhanden.", id)
	}
	return c.archive.Jobs[i], nil
}

func (j *serverJob) key() string { return strconv.FormatInt(j.ID, 10) }

func getJobs(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.Jobs))
	for _, j := range c.archive.Jobs {
		list = append(list, answer.Obj(
			"id", j.ID,
			"name", j.Name,
			"action", j.Action,
			"owner", j.Owner,
			"creationDateTimeUtc", date(j.Created.UTC()),
			"lastStartDateTimeUtc", utcOrNull(j.LastStart),
			"lastCompleteDateTimeUtc", utcOrNull(j.LastComplete),
			"nextStartDateTimeUtc", utcOrNull(j.Schedule.next(time.Now())),
			"enabled", j.Enabled,
			"schedule", j.Schedule.object(),
		))
	}
	return list, nil
}

func utcOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return date(t.UTC())
}

func getJobResults(c *Call) (any, error) {
	zone, in, err := c.window("timeZoneId")
	if err != nil {
		return nil, err
	}
	list := answer.List{}
	for _, r := range c.archive.JobResults {
		if !in(r.Start) || c.Has("jobId") && r.Job != c.Number("jobId") {
			continue
		}
		list = append(list, answer.Obj(
			"jobResultId", r.ID,
			"jobId", r.Job,
			"action", r.Action,
			"startTime", date(r.Start.In(zone)),
			"completeTime", date(r.Complete.In(zone)),
			"result", r.Result,
		))
	}
	return list, nil
}

// createJob answers the new id; the real result is not known.
func createJob(c *Call) (any, error) {
	for _, arg := range []string{"name", "action", "owner", "timeZoneId"} {
		if c.Text(arg) == "" {
			return nil, Missing(arg) // optional in the reference only
		}
	}
	plan, err := c.schedule()
	if err != nil {
		return nil, err
	}
	if _, err := c.action(c.Text("action")); err != nil {
		return nil, err
	}
	j := &serverJob{
		ID: c.archive.nextID("job"), Name: c.Text("name"), Action: c.Text("action"), Owner: c.Text("owner"),
		Created: time.Now(), Enabled: true, Schedule: plan,
	}
	c.archive.Jobs = append(c.archive.Jobs, j)
	c.Effect(j.Name)
	return j.ID, nil
}

// changeJob runs f on the job that id names and counts it as the effect.
func changeJob(f func(c *Call, j *serverJob) error) handler {
	return func(c *Call) (any, error) {
		j, err := c.serverJob()
		if err != nil {
			return nil, err
		}
		if err := f(c, j); err != nil {
			return nil, err
		}
		c.Effect(j.key())
		return nil, nil
	}
}

var deleteJob = changeJob(func(c *Call, j *serverJob) error {
	c.archive.Jobs = slices.DeleteFunc(c.archive.Jobs, func(x *serverJob) bool { return x == j })
	return nil
})

var renameJob = changeJob(func(c *Call, j *serverJob) error {
	if c.Text("name") == "" {
		return emptyName()
	}
	j.Name = c.Text("name")
	return nil
})

var setJobEnabled = changeJob(func(c *Call, j *serverJob) error {
	if !c.Has("enabled") {
		return NoValue()
	}
	j.Enabled = c.Flag("enabled")
	return nil
})

var setJobSchedule = changeJob(func(c *Call, j *serverJob) error {
	plan, err := c.schedule()
	if err == nil {
		j.Schedule = plan
	}
	return err
})

// runJobAsync starts the action of a job without a token; the outcome is in
// GetJobResults.
var runJobAsync = changeJob(func(c *Call, j *serverJob) error {
	if j.Running != nil {
		return problem("The job '%s' is running already.", "Der Job '%s' wird bereits ausgeführt.", j.Name)
	}
	if !c.makeRoom() {
		return tooMany()
	}
	a := c.archive
	j.LastStart = time.Now()
	j.Running = c.begin(j.Action, &Work{
		Stages: []Stage{{Takes: time.Second}},
		Done:   func() (any, error) { return c.perform(j) },
		Ended:  func(code string) { a.ended(j, code, time.Now()) },
	})
	return nil
})

// ended puts the end of a job's run into the history.
func (a *archive) ended(j *serverJob, code string, at time.Time) {
	j.Running, j.LastComplete = nil, at
	if len(a.JobResults) >= keepResults {
		a.JobResults = a.JobResults[keepResults/10:]
	}
	a.JobResults = append(a.JobResults, jobResult{
		ID: a.nextID("jobResult"), Job: j.ID, Action: j.Action, Result: code,
		Start: j.LastStart, Complete: j.LastComplete,
	})
}

var cancelJobAsync = changeJob(func(c *Call, j *serverJob) error {
	if j.Running == nil {
		return problem("The job '%s' is not running.", "Der Job '%s' wird nicht ausgeführt.", j.Name)
	}
	c.cancel(j.Running)
	return nil
})
