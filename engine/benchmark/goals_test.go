//go:build linux

package benchmark

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkProvision measures goals 1, 2 and 3: calls/s and CPU of the same
// provisioning through a playbook and through a bare client.
func BenchmarkProvision(b *testing.B) {
	for _, latency := range []string{"0ms", "5ms"} {
		for _, concurrency := range []int{1, 8, 32, 128} {
			b.Run(fmt.Sprintf("latency=%s/tasks=%d", latency, concurrency), func(b *testing.B) {
				env := sandbox(b, "--latency", latency)
				users := provisioned(latency, concurrency)
				idle := measure(b, env, moonpost(b), provisionArgs(0, concurrency, "idle")...).cpu
				var oursRate, bareRate, oursCPU, bareCPU []float64
				for i := range b.N {
					round := 0
					alternate(rounds, func() {
						round++
						prefix := fmt.Sprintf("ours%d-%d-", i, round)
						u := measure(b, env, moonpost(b), provisionArgs(users, concurrency, prefix)...)
						t := decode[timing](b, u.out)
						oursRate = append(oursRate, t.Calls/t.Seconds)
						oursCPU = append(oursCPU, (u.cpu-idle).Seconds()/t.Calls)
					}, func() {
						prefix := fmt.Sprintf("bare%d-%d-", i, len(bareRate))
						u := bare(b, env, "provision", itoa(users), itoa(concurrency), prefix)
						t := decode[timing](b, u.out)
						bareRate = append(bareRate, t.Calls/t.Seconds)
						bareCPU = append(bareCPU, u.cpu.Seconds()/t.Calls)
					})
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(median(oursRate), "calls/s")
				b.ReportMetric(ratio(oursRate, bareRate), "of-bare-calls/s")
				b.ReportMetric(ratio(oursCPU, bareCPU), "of-bare-CPU/call")
			})
		}
	}
}

// rounds is how often each pair is run.
const rounds = 7

// provisioned is the number of users that keeps one run at a few seconds at most.
func provisioned(latency string, concurrency int) int {
	if latency == "0ms" {
		return map[int]int{1: 1500, 8: 6000, 32: 7000, 128: 7000}[concurrency]
	}
	return map[int]int{1: 120, 8: 900, 32: 5000, 128: 10000}[concurrency]
}

func provisionArgs(users, concurrency int, prefix string) []string {
	return []string{
		"run", "testdata/provision.lua", "--output", "json", "--quiet", "users=" + itoa(users),
		"concurrency=" + itoa(concurrency), "prefix=" + prefix,
	}
}

// BenchmarkConnections measures goal 6: connections opened for many calls, by
// the sandbox's own count.
func BenchmarkConnections(b *testing.B) {
	const users, tasks = 2000, 32
	var opened []float64
	for i := range b.N {
		env := sandbox(b, "--latency", "1ms")
		measure(b, env, moonpost(b), provisionArgs(users, tasks, fmt.Sprintf("connections%d-", i))...)
		opened = append(opened, connections(b, env))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(3*users, "calls")
	b.ReportMetric(tasks, "tasks")
	b.ReportMetric(median(opened), "connections")
}

// BenchmarkJob measures goal 8: how long after the end of a job at the server
// the playbook goes on, against the bare client. Both follow jobs of the same
// fixed length one after another, so that what they take beyond it is theirs.
func BenchmarkJob(b *testing.B) {
	const jobs = 40
	env := sandbox(b, "--job-speed", "1000")
	gaps := func(ends []float64) []float64 {
		var each []float64
		for i := 1; i < len(ends); i++ {
			each = append(each, ends[i]-ends[i-1])
		}
		return each
	}
	var ours, others []float64
	for range b.N {
		alternate(rounds, func() {
			out := measure(b, env, moonpost(b), "run", "testdata/job.lua", "--output", "json", "--quiet", "jobs="+itoa(jobs)).out
			ours = append(ours, gaps(decode[[]float64](b, out))...)
		}, func() {
			others = append(others, gaps(decode[[]float64](b, bare(b, env, "jobs", itoa(jobs), "1").out))...)
		})
	}
	slices.Sort(ours)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1000*(median(ours)-median(others)), "ms-after-bare")
	b.ReportMetric(1000*(ours[len(ours)*99/100]-median(others)), "ms-after-bare-p99")
	b.ReportMetric(median(ours)/median(others), "of-bare-time")
}

// BenchmarkStart measures goal 9: start of the program to the first line of its
// playbook, against the smallest program of the kind.
func BenchmarkStart(b *testing.B) {
	var oursWall, helloWall, oursPeak, helloPeak []float64
	for range b.N {
		alternate(31, func() {
			u := measure(b, nil, moonpost(b), "run", "testdata/line.lua")
			oursWall, oursPeak = append(oursWall, u.wall.Seconds()), append(oursPeak, float64(u.peak))
		}, func() {
			u := measure(b, nil, hello(b), "testdata/line.lua")
			helloWall, helloPeak = append(helloWall, u.wall.Seconds()), append(helloPeak, float64(u.peak))
		})
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(1000*median(oursWall), "ms")
	b.ReportMetric(ratio(oursWall, helloWall), "of-hello-wall")
	b.ReportMetric(ratio(oursPeak, helloPeak), "of-hello-memory")
}

// BenchmarkVM measures goal 12: interpreter work with cancellation and
// instruction count on, against plain gopher-lua.
func BenchmarkVM(b *testing.B) {
	ours, plain := map[string][]float64{}, map[string][]float64{}
	collect := func(into map[string][]float64, out []byte) {
		lines := bufio.NewScanner(bytes.NewReader(out))
		for lines.Scan() {
			name, seconds, _ := strings.Cut(lines.Text(), " ")
			s, err := strconv.ParseFloat(seconds, 64)
			if err != nil {
				b.Fatalf("vm.lua printed %q: %v", lines.Text(), err)
			}
			into[name] = append(into[name], s)
		}
	}
	for range b.N {
		alternate(5, func() {
			collect(ours, measure(b, nil, moonpost(b), "run", "testdata/vm.lua").out)
		}, func() {
			collect(plain, measure(b, []string{"GOGC=400"}, hello(b), "testdata/vm.lua").out)
		})
	}
	b.ReportMetric(0, "ns/op")
	for _, name := range []string{"fib30", "adds10M", "sort1M"} {
		b.ReportMetric(ratio(ours[name], plain[name]), name+"-of-plain")
	}
	b.ReportMetric(median(ours["concat1000000"])/median(ours["concat250000"]), "concat-1M/250k")
}

// BenchmarkWaiting measures goal 14: memory for each task that waits.
func BenchmarkWaiting(b *testing.B) {
	const tasks = 10_000
	var each, peak []float64
	for range b.N {
		for range 3 {
			none := measure(b, nil, moonpost(b), "run", "testdata/waiting.lua", "tasks=0")
			many := measure(b, nil, moonpost(b), "run", "testdata/waiting.lua", "tasks="+itoa(tasks))
			each = append(each, float64(many.peak-none.peak)/tasks/1024)
			peak = append(peak, float64(many.peak)/(1<<20))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(each), "KB/task")
	b.ReportMetric(median(peak), "MB-peak")
}
