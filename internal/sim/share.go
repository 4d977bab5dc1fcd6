package sim

import "time"

// server is the share: one queue. Beats, documents and the guards of units are a steady stream
// beside what looks and units ask for.
type server struct {
	Share
	free   time.Duration // when it has answered everything
	steady float64       // operations per second of the stream
	since  time.Duration

	ops      float64
	byKind   map[string]float64
	byMinute []float64
}

// ask tells when n operations, one after the other, are answered.
func (s *server) ask(now time.Duration, kind string, n int) time.Duration {
	s.count(now, kind, float64(n))
	done := now
	if s.Rate > 0 {
		rate := max(s.Rate-s.steady, s.Rate/100)
		done = max(now, s.free) + time.Duration(float64(n)/rate*float64(time.Second))
		s.free = done
	}
	return done + time.Duration(n)*s.Latency
}

// stream changes the steady stream.
func (s *server) stream(now time.Duration, by float64) {
	for s.since < now {
		end := min(now, (s.since/time.Minute+1)*time.Minute)
		s.count(s.since, "beats, documents, guards", s.steady*(end-s.since).Seconds())
		s.since = end
	}
	s.steady = max(0, s.steady+by)
}

func (s *server) count(at time.Duration, kind string, n float64) {
	s.ops += n
	s.byKind[kind] += n
	m := int(at / time.Minute)
	for len(s.byMinute) <= m {
		s.byMinute = append(s.byMinute, 0)
	}
	s.byMinute[m] += n
}
