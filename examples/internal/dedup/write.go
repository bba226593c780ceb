package dedup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/neardup/neardup/examples/internal/formats"
	"github.com/neardup/neardup/internal/atomicfile"
)

// writeFiles writes the files that were asked for: the report first, then the rejects, then what
// stays, so that at no moment something is in neither.
func (j *job) writeFiles(ctx context.Context, r *result) error {
	if j.page != "" {
		j.progress.say("writing " + where(j.page, 0))
		if err := j.writePage(ctx, r); err != nil {
			return err
		}
	}
	if j.out == "" || j.dry {
		return nil
	}
	for _, f := range j.found.Files {
		if err := j.broken[f]; err != nil && !f.Old {
			return fmt.Errorf("%s cannot be written whole: leave it out or mend it", where(f.Path, 0))
		}
	}
	j.progress.say("writing " + where(j.out, 0))
	if j.found.Folder {
		return j.writeFolder(ctx)
	}
	for i, f := range j.found.Files {
		if _, broken := j.broken[f]; f.Old || broken {
			continue
		}
		return atomicfile.Write(j.out, func(w io.Writer) error {
			if j.rejects == "" {
				return j.copyFile(ctx, i, target{w, j.out}, target{})
			}
			return atomicfile.Write(j.rejects, func(w2 io.Writer) error {
				return j.copyFile(ctx, i, target{w, j.out}, target{w2, j.rejects})
			})
		})
	}
	return errors.New("nothing to write")
}

// codecOf says how a file named name is compressed, if its own is f: as the name says, or, if that
// says nothing, as f is.
func (j *job) codecOf(name string, in *formats.Input) (*formats.Codec, error) {
	format, codec := j.program.Set.ByName(name)
	if format == nil && codec == nil || name == "" {
		return in.Codec, nil
	}
	if format != nil && format.Name() != in.File.Format.Name() && !j.found.Folder && j.format == nil {
		return nil, fmt.Errorf("%s is named as %s, and what is read is %s: records stay in the form they came in", where(name, 0), format.Name(), in.File.Format.Name())
	}
	return codec, nil
}

// A target is what is written to. Its name says how that is compressed.
type target struct {
	io.Writer // nil: there is none
	name      string
}

// copyFile reads file i a second time and writes the records of it that stay to out, and those that
// could not be judged to rejects, if there are to be any.
func (j *job) copyFile(ctx context.Context, i int, out, rejects target) error {
	f := j.found.Files[i]
	in, reader, err := j.program.Set.Open(f, &j.reading)
	if err != nil {
		return fmt.Errorf("%s: %w", where(f.Path, 0), err)
	}
	defer in.Close()
	begin := func(t target, annotate bool) (formats.Writer, error) {
		if in.Out, err = j.codecOf(t.name, in); err != nil {
			return nil, err
		}
		w, err := reader.Writer(t, annotate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where(f.Path, 0), err)
		}
		return w, nil
	}
	kept, err := begin(out, j.annotate)
	if err != nil {
		return err
	}
	var away formats.Writer
	if rejects.Writer != nil {
		if away, err = begin(rejects, false); err != nil {
			return err
		}
	}
	if err := j.copyRecords(ctx, i, reader, kept, away); err != nil {
		return err
	}
	if away != nil {
		if err := away.Close(); err != nil {
			return err
		}
	}
	return kept.Close()
}

// copyRecords copies the records of file i to where they go. away is nil if it is the same as kept.
func (j *job) copyRecords(ctx context.Context, i int, reader formats.Reader, kept, away formats.Writer) error {
	n := j.first[i]
	var r formats.Record
	var to formats.Writer // where the record at hand goes, nil for nowhere
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := reader.Next(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", where(j.found.Files[i].Path, 0), err)
		}
		var a *formats.Annotation
		switch {
		case r.Cont:
		case r.Kind == formats.Filler:
			to = kept
		case r.Kind == formats.Head:
			to = kept
			if away != nil {
				if err := away.Write(&r, nil); err != nil {
					return err
				}
			}
		case n >= j.first[i+1]:
			return fmt.Errorf("%s: %w", where(j.found.Files[i].Path, 0), formats.ErrChanged)
		default:
			to, a = j.destination(n, kept, away)
			n++
		}
		if to == nil {
			continue
		}
		if err := to.Write(&r, a); err != nil {
			return fmt.Errorf("%s: %w", where(j.found.Files[i].Path, 0), err)
		}
	}
	if n != j.first[i+1] {
		return fmt.Errorf("%s: %w", where(j.found.Files[i].Path, 0), formats.ErrChanged)
	}
	return nil
}

// destination says where record n goes, nil for nowhere, and what is to be added to it.
func (j *job) destination(n int, kept, away formats.Writer) (formats.Writer, *formats.Annotation) {
	switch j.state[n] {
	case other:
		return kept, nil
	case unjudged:
		if away != nil {
			return away, nil
		}
		return kept, nil
	}
	r, gone := j.removed[n]
	switch {
	case j.annotate:
		return kept, &r.Annotation
	case gone:
		return nil, nil
	}
	return kept, nil
}

// writeFolder writes a folder of files, which appears when it is complete, and must not be there
// before, or be empty.
func (j *job) writeFolder(ctx context.Context) (err error) {
	for _, name := range []string{j.out, j.rejects} {
		if name == "" {
			continue
		}
		if err := vacant(name); err != nil {
			return err
		}
	}
	out, err := newFolder(j.out)
	if err != nil {
		return err
	}
	defer out.discard()
	var away *folder
	if j.rejects != "" {
		if away, err = newFolder(j.rejects); err != nil {
			return err
		}
		defer away.discard()
	}
	for i, f := range j.found.Files {
		if _, broken := j.broken[f]; f.Old || broken {
			continue
		}
		if err := j.writeInto(ctx, i, out, away); err != nil {
			return err
		}
	}
	if away != nil {
		if err := away.finish(); err != nil {
			return err
		}
	}
	return out.finish()
}

// writeInto writes one file of a folder. One of which nothing is left is not written, if it was one
// article.
func (j *job) writeInto(ctx context.Context, i int, out, away *folder) error {
	f := j.found.Files[i]
	rel := f.Rel
	if _, codec := j.program.Set.ByName(rel); codec != nil && codec.NewWriter == nil {
		rel = strings.TrimSuffix(rel, filepath.Ext(rel)) + formats.Gzip.Ext
	}
	rejected := 0
	for n := j.first[i]; n < j.first[i+1]; n++ {
		if j.state[n] == unjudged && away != nil {
			rejected++
		}
	}
	if f.Format.Whole() {
		n := j.first[i]
		_, gone := j.removed[n]
		switch {
		case gone && !j.annotate:
			return nil
		case rejected > 0: // the rejects get all of it, and the folder of what stays nothing
			file, err := away.create(rel)
			if err != nil {
				return err
			}
			return errors.Join(j.copyFile(ctx, i, target{file, rel}, target{}), file.Close())
		}
	}
	file, err := out.create(rel)
	if err != nil {
		return err
	}
	if rejected == 0 {
		return errors.Join(j.copyFile(ctx, i, target{file, rel}, target{}), file.Close())
	}
	second, err := away.create(rel)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	return errors.Join(j.copyFile(ctx, i, target{file, rel}, target{second, rel}), file.Close(), second.Close())
}

// vacant fails if something is at a path that is not an empty folder.
func vacant(name string) error {
	entries, err := os.ReadDir(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is there already: a folder is written to where there is none", where(name, 0))
	}
	return nil
}

// A folder is written to under another name beside it.
type folder struct {
	name, temporary string
	release         func() error
}

// newFolder begins a folder. What a run that was killed has left of it is removed, one that is
// still running is an error.
func newFolder(name string) (*folder, error) {
	name = realPath(name)
	f := &folder{name: name, temporary: filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".neardup-partial")}
	release, err := atomicfile.Lock(filepath.Join(filepath.Dir(name), filepath.Base(name)+".folder"))
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		release = func() error { return nil } // that nobody else writes to it, the user has to see to
	case err != nil:
		return nil, fmt.Errorf("%s: %w", where(name, 0), err)
	}
	f.release = release
	if err := os.RemoveAll(f.temporary); err != nil {
		f.discard()
		return nil, err
	}
	if err := os.Mkdir(f.temporary, 0o777); err != nil {
		f.discard()
		return nil, err
	}
	return f, nil
}

// create begins a file in the folder.
func (f *folder) create(rel string) (*os.File, error) {
	name := filepath.Join(f.temporary, rel)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// finish gives the folder its name.
func (f *folder) finish() error {
	if err := os.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(f.temporary, f.name)
}

// discard removes what is not finished.
func (f *folder) discard() {
	_ = os.RemoveAll(f.temporary)
	_ = f.release()
}
