package encode

import (
	"context"
	"fmt"

	"proxima/jobfile"
)

// Unchanged proves that a file is the proxy that was made of a job: it bears the job's mark, and
// each picture has the content and the time that DONE.yaml's digest was made of. The error says what
// speaks against it. Containers that round times cannot be proven so, and are refused.
func (t *Tools) Unchanged(ctx context.Context, path string, job *jobfile.Job, made *jobfile.Final) error {
	url, err := fileURL(path)
	if err != nil {
		return err
	}
	doc, _, err := t.header(ctx, url, "error", nil)
	if err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	v := doc.picture()
	switch {
	case !doc.ours() || tag(doc.Format.Tags, "comment") != comment(job):
		return fmt.Errorf("it does not bear the mark that this job's proxy bears")
	case v == nil:
		return fmt.Errorf("it has no picture")
	case ratio(v.TimeBase) != jobfile.Rational{Num: 1, Den: timescale(job.Media.Video.TimeBase)}:
		return fmt.Errorf("its kind of file does not keep times exactly, so that it cannot be told for what was made; remove it by hand")
	}
	var d digester
	if _, _, err := t.eachPacket(ctx, url, v.Index, "", false, d.add, hashEntries...); err != nil {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	if first, _, _ := d.ends(); int64(len(d.packets)) != made.Frames || d.sum(first) != made.Digest {
		return fmt.Errorf("its picture is not the one that was made")
	}
	return nil
}
