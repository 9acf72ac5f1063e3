using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Formats;

public class YoloSourceTests
{
    [Fact]
    public async Task Fractions_become_pixels_and_classes_become_categories_from_one()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("images/train/a.jpg", "200x100");
        folder.Write("images/train/sub/b.jpg", "400x400");
        folder.Write("images/val/c.jpg", "10x10");
        folder.Write("labels/train/a.txt", "1 0.5 0.5 0.25 0.5\n\n0 0.125 0.25 0.25 0.5\n");
        folder.Write("classes.txt", "cat\ndog\n");

        var source = DatasetSources.Open(folder.Path, null, SourceTrial.Options);
        var train = await source.ReadAsync("train", null, TestContext.Current.CancellationToken);
        var val = await source.ReadAsync("val", null, TestContext.Current.CancellationToken);

        Assert.Equal(["train", "val"], source.Splits);
        Assert.Equal([new ImageEntry(1, "train/a.jpg", 200, 100), new ImageEntry(2, "train/sub/b.jpg", 400, 400)], train.Dataset.Images);
        Assert.Equal([new GroundTruth(1, 1, 2, 75, 25, 50, 50, 2500, false), new GroundTruth(2, 1, 1, 0, 0, 50, 50, 2500, false)], train.Dataset.GroundTruths);
        Assert.Equal([new Category(1, "cat"), new Category(2, "dog")], train.Dataset.Categories);
        Assert.Equal(new ImageEntry(3, "val/c.jpg", 10, 10), Assert.Single(val.Dataset.Images));
        Assert.Null(train.Dataset.Segmentations);
    }

    [Fact]
    public async Task A_polygon_has_the_box_around_it_and_its_own_area()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("a.jpg", "100x200");
        folder.Write("a.txt", "3 0.1 0.1 0.5 0.1 0.1 0.2\n0 0.5 0.5 0.1 0.1");

        var split = await SourceTrial.ReadAsync(folder.Path, "all");

        var masks = split.Dataset.Segmentations!;
        Assert.Equal(new Box(10, 20, 50, 40), split.Dataset.GroundTruths[0].Box);
        Assert.Equal(400, split.Dataset.GroundTruths[0].Area, 9);
        Assert.Equal([10, 20, 50, 20, 10, 40], masks.PolygonsOf(0).Numbers.ToArray());
        Assert.Equal(SegmentationKind.None, masks.KindOf(1));
        Assert.Equal(["0", "1", "2", "3"], split.Dataset.Categories.Select(category => category.Name));
    }

    [Theory]
    [InlineData("path: .\ntrain: images/train\nval: images/val\nnames: [cat, 'dog: big']\nnc: 2\n")]
    [InlineData("path: /no/such/folder\ntrain: images/train\nval: lists/val.txt\nnames:\n  0: cat\n  1: 'dog: big'\n")]
    [InlineData("train: ../images/train\nval: [images/val/c.jpg]\nnames:\n  1: 'dog: big'\n  0: cat\nroboflow:\n  license: none\n")]
    public async Task A_data_yaml_says_where_pictures_are_and_what_classes_are_called(string yaml)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("data.yaml", yaml);
        folder.Write("images/train/a.jpg", "200x100");
        folder.Write("images/val/c.jpg", "10x10");
        folder.Write("labels/val/c.txt", "1 0.5 0.5 1 1");
        folder.Write("lists/val.txt", "../images/val/c.jpg\n");

        var source = DatasetSources.Open(folder.Path, null, SourceTrial.Options);
        var val = await source.ReadAsync("val", null, TestContext.Current.CancellationToken);

        Assert.Equal(["train", "val"], source.Splits);
        Assert.Equal(["cat", "dog: big"], val.Dataset.Categories.Select(category => category.Name));
        Assert.Equal(new ImageEntry(2, "val/c.jpg", 10, 10), Assert.Single(val.Dataset.Images));
        Assert.Equal(new GroundTruth(1, 2, 2, 0, 0, 10, 10, 100, false), Assert.Single(val.Dataset.GroundTruths));
    }

    [Fact]
    public async Task Splits_may_be_the_outer_folders()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("valid/images/c.jpg", "10x10");
        folder.Write("valid/labels/c.txt", "0 0.5 0.5 1 1");

        var split = await SourceTrial.ReadAsync(folder.Path, "valid");

        Assert.Equal("valid/images/c.jpg", Assert.Single(split.Dataset.Images).FileName);
        Assert.Single(split.Dataset.GroundTruths);
    }

    [Fact]
    public async Task Every_fault_is_collected_and_the_rest_is_read()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("classes.txt", "cat\ndog\n");
        folder.Write("images/a.jpg", "100x100");
        folder.Write("images/b.jpg", "broken");
        folder.Write("labels/a.txt", "0 0.5 0.5\n0.5 0.5 0.5 1 1\n2 0.5 0.5 1 1\n0 0.5 nan 1 1\n0 0.5 half 1 1\n0 50 0.5 1 1\n0 0.1 0.1 0.2 0.2 0.3 1.5\n1 0.5 0.5 0.5 0.5 0.9\n1 0.5 0.5 1 1\n");
        folder.Write("labels/z.txt", "0 0.5 0.5 1 1\n");

        var (split, faults) = await SourceTrial.CollectAsync(folder.Path, "all");

        Assert.Equal(
            [
                "labels/a.txt: line 1: has 3 values; it must be class cx cy width height, or class and three or more points x y",
                "labels/a.txt: line 2: \"class\" is \"0.5\"; it must be a whole number from 0",
                "labels/a.txt: line 5: \"cy\" is \"half\"; it must be a finite number",
                "labels/a.txt: line 6: \"cx\" is 50; it must be a fraction of the picture's size, 0 to 1",
                "labels/a.txt: line 7: \"y3\" is 1.5; it must be a fraction of the picture's size, 0 to 1",
                "labels/a.txt: line 8: has 6 values; it must be class cx cy width height, or class and three or more points x y",
                "labels/a.txt: line 3: \"class\" is 2; there are names for 0 to 1",
                "labels/a.txt: line 4: \"cy\" is \"nan\"; it must be a finite number",
                "images/b.jpg: cannot be read: The picture is damaged",
                "labels/z.txt: belongs to no picture",
            ],
            faults);
        Assert.Equal(new Box(0, 0, 100, 100), Assert.Single(split.Dataset.GroundTruths).Box);
    }

    [Theory]
    [InlineData("names: [cat]\n", "no split has pictures; \"train\", \"val\" or \"test\" must name a folder")]
    [InlineData("names: [cat\n", "not valid YAML at line ")]
    [InlineData("- a\n", "is not a YAML mapping; it must have \"names\"")]
    [InlineData("train: images\nnames: cat\n", "\"names\" is a single value; \"names\" must be a list of names, or a mapping of class numbers from 0 to names.")]
    [InlineData("train: images\nnames: {a: cat}\n", "\"names\" holds a: cat; \"names\" must be")]
    [InlineData("train: images\nkpt_shape: [17, 3]\n", "\"kpt_shape\" is there, so its labels hold keypoints; only boxes and polygons are read.")]
    public void A_data_yaml_that_cannot_be_used_is_refused(string yaml, string message)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("data.yaml", yaml);
        folder.Write("images/a.jpg", "1x1");

        var refused = Assert.Throws<InvalidInputException>(() => DatasetSources.Open(folder.Path, null, SourceTrial.Options));

        Assert.StartsWith($"{folder.File("data.yaml")}: ", refused.Message);
        Assert.Contains(message, refused.Message);
    }
}
