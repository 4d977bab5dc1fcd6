package timeline

// gather builds a Project of a format that tells of a medium in pieces: by a reel, a name or a
// path, under keys that the reader makes. The media and uses are each there once. The maps keep a
// hostile file of many entries from costing the square of them.
type gather struct {
	*builder
	media map[string]int
	names map[named]bool
	uses  map[used]int
}

type named struct {
	media int
	name  string
}

type used struct {
	timeline, media int
	enabled, active bool
}

func newGather(file string, f Format) *gather {
	return &gather{
		builder: newBuilder(file, f),
		media:   map[string]int{}, names: map[named]bool{}, uses: map[used]int{},
	}
}

// add keeps m under key, once, and says where; fresh is false where it was there before.
func (g *gather) add(key string, m Media) (at int, fresh bool) {
	at, ok := g.media[key]
	if !ok {
		at = len(g.p.Media)
		g.media[key] = at
		names := m.Names
		m.Names = nil
		g.p.Media = append(g.p.Media, m)
		g.name(at, names...)
	}
	return at, !ok
}

// name adds further names of a medium, never its target again.
func (g *gather) name(at int, names ...string) {
	m := &g.p.Media[at]
	for _, n := range names {
		if n == "" || n == m.Target || g.names[named{at, n}] {
			continue
		}
		g.names[named{at, n}] = true
		m.Names = append(m.Names, n)
	}
}

// use counts u in the timeline. Picture and sound of one medium are one use.
func (g *gather) use(timeline int, u Use) {
	t := &g.p.Timelines[timeline]
	key := used{timeline, u.Media, u.Enabled, u.Active}
	at, ok := g.uses[key]
	if !ok {
		at = len(t.Uses)
		g.uses[key] = at
		t.Uses = append(t.Uses, Use{Media: u.Media, Enabled: u.Enabled, Active: u.Active})
	}
	have := &t.Uses[at]
	have.Video = have.Video || u.Video
	have.Audio = have.Audio || u.Audio
	have.Count++
}

// place sets where a medium lies, if target is more than a name. Its other reading is one more
// name.
func (g *gather) place(m *Media, target string) {
	if !isPath(target) {
		return
	}
	t, err := Decode(target, g.folder)
	if err != nil {
		g.note(reason(err))
		return
	}
	m.Path = t.Path
	if t.Also != "" {
		m.Names = append(m.Names, t.Also)
	}
}
