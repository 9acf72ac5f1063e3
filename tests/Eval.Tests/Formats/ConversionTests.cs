using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Formats.Conversion;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Formats;

public class ConversionTests
{
    private const double Rounding = 1e-6;

    private const string Annotations = """
        {"images": [{"id": 1, "file_name": "val/a.jpg", "width": 200, "height": 100}, {"id": 2, "file_name": "b.jpg", "width": 64, "height": 64},
                    {"id": 3, "file_name": "tiny.jpg", "width": 20, "height": 100}],
         "annotations": [
          {"id": 10, "image_id": 1, "category_id": 5, "bbox": [10, 20, 30, 40], "area": 600, "iscrowd": 0, "segmentation": [[10, 20, 40, 20, 10, 60]]},
          {"id": 11, "image_id": 1, "category_id": 2, "bbox": [-5, 90, 20, 20], "area": 400, "iscrowd": 0, "ignore": 1},
          {"id": 12, "image_id": 1, "category_id": 2, "bbox": [0, 0, 200, 100], "area": 20000, "iscrowd": 1, "segmentation": {"size": [100, 200], "counts": [0, 20000]}},
          {"id": 13, "image_id": 3, "category_id": 2, "bbox": [1, 1, 8, 8], "area": 64, "iscrowd": 0, "segmentation": [[1, 1, 5, 1, 5, 5], [6, 9, 9, 9, 9, 6, 6, 6]]}],
         "categories": [{"id": 2, "name": "it's"}, {"id": 5, "name": "dog"}]}
        """;

    [Fact]
    public async Task Coco_comes_back_from_coco_as_it_was()
    {
        using var folder = Source();
        var before = await SourceTrial.ReadAsync(folder.File("data"), "val");

        var written = await WriteAsync(folder, "new", before, new ConversionOptions());
        var after = await SourceTrial.ReadAsync(folder.File("new"), "val");

        Assert.Equal([new ConvertedSplit("val", 3, 4, 0, [])], written, (a, b) => a! with { Notes = b!.Notes } == b && a.Notes.SequenceEqual(b.Notes));
        Assert.Equal(before.Dataset.Images.Select(image => (image.Id, image.FileName)), after.Dataset.Images.Select(image => (image.Id, image.FileName)));
        Assert.Equal(before.Dataset.GroundTruths, after.Dataset.GroundTruths);
        Assert.Equal([SegmentationKind.Polygons, SegmentationKind.None, SegmentationKind.Text, SegmentationKind.Polygons], Enumerable.Range(0, 4).Select(after.Dataset.Segmentations!.KindOf));
        Assert.Equal([6, 8], after.Dataset.Segmentations!.PolygonsOf(3).Lengths.ToArray());
        Assert.Equal("200x100", File.ReadAllText(folder.File("new/images/val/a.jpg")));
    }

    [Fact]
    public async Task Voc_keeps_boxes_exactly_and_tells_what_it_cannot_hold()
    {
        using var folder = Source();
        var before = await SourceTrial.ReadAsync(folder.File("data"), "val");

        var written = await WriteAsync(folder, "new", before, new ConversionOptions { To = DatasetFormat.Voc });
        var after = await SourceTrial.ReadAsync(folder.File("new"), "val");

        Assert.Equal(["1 crowd regions left out: Pascal VOC has no mark for them", "1 set of masks left out: Pascal VOC's XML has boxes only"], Assert.Single(written).Notes);
        Assert.Equal(["b.jpg", "tiny.jpg", "val_a.jpg"], after.Dataset.Images.Select(image => image.FileName));
        Assert.Equal(["it's", "dog"], after.Dataset.Categories.Select(category => category.Name));
        Assert.Equal(
            [
                (2L, new Box(1, 1, 9, 9), 1L, false),
                (3, new Box(10, 20, 40, 60), 2, false),
                (3, new Box(-5, 90, 15, 110), 1, true),
            ],
            after.Dataset.GroundTruths.Select(found => (found.ImageId, found.Box, found.CategoryId, found.IsIgnored)));
        Assert.Equal("200x100", File.ReadAllText(folder.File("new/JPEGImages/val_a.jpg")));
        Assert.Equal("val_a\nb\ntiny\n", File.ReadAllText(folder.File("new/ImageSets/Main/val.txt")));
    }

    [Fact]
    public async Task Yolo_labels_and_config_are_written()
    {
        using var folder = Source();

        var written = await WriteAsync(folder, "new", await SourceTrial.ReadAsync(folder.File("data"), "val"), new ConversionOptions { To = DatasetFormat.Yolo });

        Assert.Equal("val: images/val\nnames:\n  0: 'it''s'\n  1: 'dog'\n", File.ReadAllText(folder.File("new/data.yaml")));
        Assert.Equal("1 0.125 0.4 0.15 0.4\n0 0.0375 0.95 0.075 0.1\n", File.ReadAllText(folder.File("new/labels/val/a.txt")));
        Assert.Equal("", File.ReadAllText(folder.File("new/labels/val/b.txt")));
        Assert.Equal("64x64", File.ReadAllText(folder.File("new/images/val/b.jpg")));
        Assert.Equal(
            [
                "1 ignored (difficult) objects written as ordinary ones: YOLO text has no mark for them",
                "1 boxes cut at the rim of their image: YOLO labels do not reach outside",
                "1 crowd regions left out: YOLO text has no mark for them",
            ],
            Assert.Single(written).Notes);
    }

    [Fact]
    public async Task Several_polygons_become_one_ring_of_the_same_area()
    {
        using var folder = Source();

        await WriteAsync(folder, "new", await SourceTrial.ReadAsync(folder.File("data"), "val"), new ConversionOptions { To = DatasetFormat.Yolo, Polygons = true });
        var after = await SourceTrial.ReadAsync(folder.File("new"), "val");

        Assert.Equal("0 0.05 0.01 0.25 0.01 0.25 0.05 0.05 0.01 0.3 0.09 0.3 0.06 0.45 0.06 0.45 0.09 0.3 0.09\n", File.ReadAllText(folder.File("new/labels/val/tiny.txt")));
        var tiny = after.Dataset.GroundTruths.Single(found => found.ImageId == 3);
        Assert.Equal(8 + 9, tiny.Area, Rounding);
        Assert.Equal(new Box(1, 1, 9, 9), Rounded(tiny.Box));
        Assert.Equal(600, after.Dataset.GroundTruths[0].Area, Rounding);
        Assert.Equal(new Box(0, 90, 15, 100), Rounded(after.Dataset.GroundTruths[1].Box));
    }

    [Theory]
    [InlineData("data/bccd", "val", false)]
    [InlineData("data/aerial-cars", "train", false)]
    [InlineData("data/dried-fruit", "val", true)]
    [InlineData("data/publaynet-examples", "all", true)]
    public async Task Real_sets_come_back_from_yolo_within_rounding(string path, string name, bool polygons)
    {
        using var folder = TestFiles.NewFolder();
        var before = await SourceTrial.ReadAsync(TestFiles.Shared(path), name);
        var sizes = before.Dataset.Images.ToDictionary(image => Path.GetFileNameWithoutExtension(image.FileName), image => (image.Width, image.Height));
        foreach (var image in before.Dataset.Images)
            folder.Write($"pictures/{image.FileName}", "");

        await WriteAsync(folder, "new", before with { Pictures = new PicturesInFolders([folder.File("pictures")]) }, new ConversionOptions { To = DatasetFormat.Yolo, Polygons = polygons });
        var options = new SourceOptions { PictureSize = picture => sizes[Path.GetFileNameWithoutExtension(picture)] };
        var after = await DatasetSources.Open(folder.File("new"), DatasetFormat.Yolo, options).ReadAsync(name, null, TestContext.Current.CancellationToken);

        // Their boxes were rounded to three digits and their polygons to two.
        AssertClose(before.Dataset, after.Dataset, polygons ? 0.02 : Rounding);
    }

    [Fact]
    public async Task Real_set_comes_back_from_voc_exactly()
    {
        using var folder = TestFiles.NewFolder();
        var before = await SourceTrial.ReadAsync(TestFiles.Shared("data/voc2012-100/annotations/instances.json"), "all");

        await WriteAsync(folder, "new", before, new ConversionOptions { To = DatasetFormat.Voc, Pictures = PictureTransfer.None });
        var after = await SourceTrial.ReadAsync(folder.File("new"), "all");

        Assert.Equal(before.Dataset.GroundTruths, after.Dataset.GroundTruths);
        Assert.Equal(before.Dataset.Images, after.Dataset.Images);
    }

    [Fact]
    public async Task Empty_and_tiny_images_are_left_out_with_their_objects()
    {
        using var folder = Source();
        var before = await SourceTrial.ReadAsync(folder.File("data"), "val");

        var written = await WriteAsync(folder, "new", before, new ConversionOptions { DropEmpty = true });
        var after = await SourceTrial.ReadAsync(folder.File("new"), "val");

        Assert.Equal((1, 3, 2), (written[0].Images, written[0].Objects, written[0].DroppedImages));
        Assert.Equal([1L], after.Dataset.Images.Select(image => image.Id));
        Assert.Equal([10L, 11, 12], after.Dataset.GroundTruths.Select(found => found.Id));
        Assert.Equal([SegmentationKind.Polygons, SegmentationKind.None, SegmentationKind.Text], Enumerable.Range(0, 3).Select(after.Dataset.Segmentations!.KindOf));
        Assert.False(File.Exists(folder.File("new/images/b.jpg")));
    }

    [Theory]
    [InlineData(PictureTransfer.Copy, true, false)]
    [InlineData(PictureTransfer.Link, true, true)]
    [InlineData(PictureTransfer.None, false, false)]
    public async Task Pictures_are_copied_linked_or_left(PictureTransfer transfer, bool there, bool linked)
    {
        using var folder = Source();

        await WriteAsync(folder, "new", await SourceTrial.ReadAsync(folder.File("data"), "val"), new ConversionOptions { Pictures = transfer });

        var picture = new FileInfo(folder.File("new/images/b.jpg"));
        Assert.Equal(there, picture.Exists);
        Assert.Equal(linked, picture.LinkTarget is not null);
    }

    [Fact]
    public async Task What_cannot_be_written_leaves_nothing_behind()
    {
        using var folder = Source();
        var split = await SourceTrial.ReadAsync(folder.File("data"), "val");
        File.Delete(folder.File("data/images/b.jpg"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var missing = await Assert.ThrowsAsync<InvalidInputException>(() => WriteAsync(folder, "new", split, new ConversionOptions()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DatasetConversion.WriteAsync(folder.File("new"), [split], new(), null, cancelled.Token));
        var full = await Assert.ThrowsAsync<InvalidInputException>(() => WriteAsync(folder, "data", split, new ConversionOptions()));
        var format = await Assert.ThrowsAsync<InvalidInputException>(() => WriteAsync(folder, "new", split, new ConversionOptions { To = DatasetFormat.Waymo }));

        Assert.Equal(
            $"image 2: there is no picture \"b.jpg\" in {folder.File("data/images")}, {folder.File("data/images/val")}; --images names the folder they are in, --pictures none converts without them.",
            missing.Message);
        Assert.Equal($"{folder.File("data")}: a new dataset needs a folder that does not exist or is empty; this one holds something.", full.Message);
        Assert.Equal("waymo is not written; allowed are coco, voc, yolo.", format.Message);
        Assert.Equal([folder.File("data")], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Ids_that_refer_to_nothing_are_refused()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("instances.json", "{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 4, \"category_id\": 1, \"bbox\": [0, 0, 1, 1]}], \"categories\": [{\"id\": 1}]}");
        var split = await SourceTrial.ReadAsync(folder.File("instances.json"), "all");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => WriteAsync(folder, "new", split, new ConversionOptions()));

        Assert.Equal("instances.json: annotation #1 (id 1): \"image_id\" is 4, which \"images\" does not list (0 entries).", refused.Message);
    }

    [Fact]
    public async Task Two_pictures_of_one_name_are_refused_and_a_shared_one_is_kept_once()
    {
        using var folder = TestFiles.NewFolder();
        foreach (var split in (string[])["train", "val"])
        {
            folder.Write($"annotations/instances_{split}.json", "{\"images\": [{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 2, \"height\": 2}], \"annotations\": [], \"categories\": []}");
            folder.Write($"{split}/a.jpg", "2x2");
        }
        DatasetSplit[] splits = [await SourceTrial.ReadAsync(folder.Path, "train"), await SourceTrial.ReadAsync(folder.Path, "val")];

        await DatasetConversion.WriteAsync(folder.File("same"), splits, new(), null, TestContext.Current.CancellationToken);
        folder.Write("val/a.jpg", "3x3");
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => DatasetConversion.WriteAsync(folder.File("new"), splits, new(), null, TestContext.Current.CancellationToken));

        Assert.Equal("2x2", File.ReadAllText(folder.File("same/images/a.jpg")));
        Assert.Equal("image 1: another picture is called \"a.jpg\" too; the new dataset has one folder for both.", refused.Message);
    }

    private static TemporaryFolder Source()
    {
        var folder = TestFiles.NewFolder();
        folder.Write("data/annotations/instances_val.json", Annotations);
        folder.Write("data/images/val/a.jpg", "200x100");
        folder.Write("data/images/b.jpg", "64x64");
        folder.Write("data/images/tiny.jpg", "20x100");
        return folder;
    }

    private static Task<IReadOnlyList<ConvertedSplit>> WriteAsync(TemporaryFolder folder, string name, DatasetSplit split, ConversionOptions options)
        => DatasetConversion.WriteAsync(folder.File(name), [split], options, null, TestContext.Current.CancellationToken);

    private static Box Rounded(Box box) => new(Math.Round(box.X1, 6), Math.Round(box.Y1, 6), Math.Round(box.X2, 6), Math.Round(box.Y2, 6));

    // Pictures are read in the order of their names, so images are matched by name and objects by their order on the image.
    private static void AssertClose(Dataset before, Dataset after, double tolerance)
    {
        Assert.Equal(before.GroundTruths.Count, after.GroundTruths.Count);
        Assert.Equal(before.Categories.Select(category => category.Name), after.Categories.Select(category => category.Name));
        var byName = after.Images.ToDictionary(image => Path.GetFileName(image.FileName));
        foreach (var image in before.Images)
        {
            var (those, these) = (before.Of(image.Id), after.Of(byName[Path.GetFileName(image.FileName)].Id));
            Assert.Equal(those.Select(found => NameOf(before, found)), these.Select(found => NameOf(after, found)));
            Assert.All(those.Zip(these), pair =>
            {
                var (was, cut) = (pair.First.Box, pair.Second.Box);
                Assert.Equal(Math.Clamp(was.X1, 0, image.Width), cut.X1, tolerance);
                Assert.Equal(Math.Clamp(was.Y1, 0, image.Height), cut.Y1, tolerance);
                Assert.Equal(Math.Clamp(was.X2, 0, image.Width), cut.X2, tolerance);
                Assert.Equal(Math.Clamp(was.Y2, 0, image.Height), cut.Y2, tolerance);
            });
        }
    }

    private static string NameOf(Dataset dataset, GroundTruth found) => dataset.Categories.Single(category => category.Id == found.CategoryId).Name;
}
