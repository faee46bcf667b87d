package world

import "time"

// clock is the time of jobs: it runs faster than the day, and it can be moved
// forward. It is guarded by the world's lock.
type clock struct {
	start time.Time
	speed float64
	moved time.Duration
	wake  chan struct{} // closed when waiting for a time has to be done anew
}

func newClock(speed float64) clock {
	return clock{start: time.Now(), speed: speed, wake: make(chan struct{})}
}

// now returns the time since the start of the world.
func (c *clock) now() time.Duration {
	return c.moved + time.Duration(float64(time.Since(c.start))*c.speed)
}

// until returns how long it takes on the wall till the clock shows t.
func (c *clock) until(t time.Duration) time.Duration {
	return time.Duration(float64(t-c.now()) / c.speed)
}

func (c *clock) advance(d time.Duration) {
	c.moved += d
	c.wakeAll()
}

// wakeAll lets everybody who waits look again.
func (c *clock) wakeAll() {
	close(c.wake)
	c.wake = make(chan struct{})
}
