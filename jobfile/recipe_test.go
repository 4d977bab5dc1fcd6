package jobfile

import (
	"strings"
	"testing"
)

func TestWhatAnEditorSetsForAClipIsTheJobs(t *testing.T) {
	for _, c := range []struct {
		set  func(*VideoRecipe)
		want string
	}{
		{func(v *VideoRecipe) { v.DataLevel, v.Flip = "full", "both" }, ""},
		{func(v *VideoRecipe) { v.DataLevel = "auto" }, "recipe.video.data_level: \"auto\" is not one of full, video"},
		{func(v *VideoRecipe) { v.Flip = "hflip" }, "recipe.video.flip: \"hflip\" is not one of"},
	} {
		j := testJob()
		c.set(&j.Recipe.Video)
		err := j.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, not %q", err, c.want)
		}
		if c.want != "" {
			continue
		}
		other := testJob().Recipe
		if err := j.Suits(&other); err == nil {
			t.Error("a recipe without the clip's flip suits its job")
		}
		if other.Shape() == j.Recipe.Shape() {
			t.Error("recipes with and without a flip make the same proxy")
		}
		j.Others = []Recipe{other}
		if err := j.Validate(); err == nil || !strings.HasPrefix(err.Error(), "others[0].recipe.video: ") {
			t.Errorf("others: %v", err)
		}
	}
}
