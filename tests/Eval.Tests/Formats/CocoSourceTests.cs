using System.IO.Compression;
using System.Text;
using Serve.Eval.Datasets;
using Serve.Eval.Formats;
using Serve.Eval.Masks;
using Serve.Eval.Tests.Datasets;

namespace Serve.Eval.Tests.Formats;

public class CocoSourceTests
{
    private const string Lvis = """
        {"info": {"a": [1, {"images": []}]},
         "categories": [{"id": 7, "name": "cat", "supercategory": "animal", "frequency": "r", "keypoints": ["nose", "tail"]}, {"id": 8, "name": "dog"}],
         "images": [{"id": 5, "file_name": "x/a.jpg", "width": 40, "height": 30, "neg_category_ids": [8], "not_exhaustive_category_ids": [7]}],
         "annotations": [
          {"id": 1, "image_id": 5, "category_id": 7, "bbox": [1.5, 2, 3, 4], "area": 10, "iscrowd": 0, "ignore": 1, "segmentation": [[1, 2, 4, 2, 4, 6]]},
          {"id": 2, "image_id": 5, "category_id": 7, "bbox": [0, 0, 2, 30], "iscrowd": 1, "segmentation": {"size": [30, 40], "counts": [0, 60, 1140]}},
          {"id": 3, "image_id": 5, "category_id": 7, "bbox": [0, 0, 1, 1], "segmentation": {"size": [30, 40], "counts": "0l1dS1"}, "keypoints": [1, 2, 2, 0, 0, 0], "num_keypoints": 1},
          {"id": 4.0, "image_id": 5, "category_id": 7, "bbox": [0, 0, 1, 1], "difficult": true, "segmentation": null}]}
        """;

    [Fact]
    public async Task Everything_that_coco_and_lvis_have_is_read()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/instances_val.json", Lvis);

        var (_, dataset, _, _) = await SourceTrial.ReadAsync(folder.Path, "val");

        var image = Assert.Single(dataset.Images);
        Assert.Equal((5, "x/a.jpg", 40, 30), (image.Id, image.FileName, image.Width, image.Height));
        Assert.Equal([8], image.NegativeCategoryIds);
        Assert.Equal([7], image.NotExhaustiveCategoryIds);
        Assert.Equal(("animal", "r"), (dataset.Categories[0].Supercategory, dataset.Categories[0].Frequency));
        Assert.Equal(["nose", "tail"], dataset.Categories[0].Keypoints!);
        Assert.Equal(
            [
                new GroundTruth(1, 5, 7, 1.5, 2, 3, 4, 10, false) { IsIgnored = true },
                new GroundTruth(2, 5, 7, 0, 0, 2, 30, 60, true),
                new GroundTruth(3, 5, 7, 0, 0, 1, 1, 1, false),
                new GroundTruth(4, 5, 7, 0, 0, 1, 1, 1, false) { IsIgnored = true },
            ],
            dataset.GroundTruths);
        var masks = dataset.Segmentations!;
        Assert.Equal([SegmentationKind.Polygons, SegmentationKind.List, SegmentationKind.Text, SegmentationKind.None], Enumerable.Range(0, 4).Select(masks.KindOf));
        Assert.Equal([1, 2, 4, 2, 4, 6], masks.PolygonsOf(0).Numbers.ToArray());
        Assert.Equal((30, 40), masks.SizeOf(1));
        Assert.Equal("0l1dS1"u8, masks.TextOf(2));
        Assert.Equal((2, 1), (dataset.Keypoints!.CountOf(2), dataset.Keypoints.LabelledOf(2)));
    }

    [Theory]
    [InlineData("data/bccd", "val")]
    [InlineData("data/dried-fruit", "val")]
    [InlineData("data/publaynet-examples", "all")]
    public async Task The_reader_of_checks_agrees_with_the_evaluators_own(string path, string name)
    {
        var (split, faults) = await SourceTrial.CollectAsync(TestFiles.Shared(path), name);
        var expected = (await SourceTrial.ReadAsync(TestFiles.Shared(path), name)).Dataset;

        Assert.Empty(faults);
        Assert.Equal(TableText.Of(expected), TableText.Of(split.Dataset));
        Assert.Equal(expected.ContentHash, split.Dataset.ContentHash);
    }

    [Fact]
    public async Task A_compressed_file_is_checked_and_read()
    {
        using var folder = TestFiles.NewFolder();
        await using (var file = new GZipStream(File.Create(folder.File("instances_val.json.gz")), CompressionMode.Compress))
            await file.WriteAsync(Encoding.UTF8.GetBytes(Lvis), TestContext.Current.CancellationToken);

        var (lenient, faults) = await SourceTrial.CollectAsync(folder.File("instances_val.json.gz"), "val");
        var strict = await SourceTrial.ReadAsync(folder.File("instances_val.json.gz"), "val");

        Assert.Empty(faults);
        Assert.Equal(strict.Dataset.GroundTruths, lenient.Dataset.GroundTruths);
        Assert.Equal(4, strict.Dataset.GroundTruths.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public async Task A_damaged_compressed_file_is_told_and_refused(int length)
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("instances_val.json.gz");
        using var packed = new MemoryStream();
        await using (var file = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            await file.WriteAsync(Encoding.UTF8.GetBytes(Lvis), TestContext.Current.CancellationToken);
        byte[] damaged = [.. packed.ToArray().Take(length), .. Enumerable.Repeat((byte)0xFF, 50)];
        await File.WriteAllBytesAsync(path, damaged, TestContext.Current.CancellationToken);

        var (_, faults) = await SourceTrial.CollectAsync(path, "val");
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => SourceTrial.ReadAsync(path, "val"));

        Assert.StartsWith("instances_val.json.gz: begins as a gzip file does, but is none: ", Assert.Single(faults), StringComparison.Ordinal);
        Assert.StartsWith($"{path}: begins as a gzip file does, but is none: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_may_be_named_by_its_address_as_in_lvis()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/instances_val.json", "{\"images\": [{\"id\": 1, \"coco_url\": \"http://images.example/train2017/a.jpg\"}], \"annotations\": [], \"categories\": []}");
        folder.Write("train2017/a.jpg", "1x1");

        var (lenient, _) = await SourceTrial.CollectAsync(folder.Path, "val");
        var strict = await SourceTrial.ReadAsync(folder.Path, "val");

        Assert.Equal("a.jpg", Assert.Single(lenient.Dataset.Images).FileName);
        Assert.Equal("a.jpg", Assert.Single(strict.Dataset.Images).FileName);
        Assert.Equal(folder.File("train2017/a.jpg"), strict.Pictures.PathOf(strict.Dataset.Images[0]));
    }

    [Theory]
    [InlineData("images/a.jpg")]
    [InlineData("images/val/a.jpg")]
    [InlineData("val/a.jpg")]
    [InlineData("a.jpg")]
    public async Task Pictures_are_found_in_each_usual_place(string place)
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/instances_val.json", "{\"images\": [{\"id\": 1, \"file_name\": \"a.jpg\"}], \"annotations\": [], \"categories\": []}");
        folder.Write(place, "1x1");

        var split = await SourceTrial.ReadAsync(folder.File("annotations/instances_val.json"), "val");

        Assert.Equal(folder.File(place), split.Pictures.PathOf(split.Dataset.Images[0]));
        Assert.Null(split.Pictures.PathOf(new ImageEntry(2, "../annotations/instances_val.json", 1, 1)));
    }

    [Fact]
    public async Task A_folder_of_pictures_that_is_named_is_the_only_one()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("instances.json", "{\"images\": [{\"id\": 1, \"file_name\": \"a.jpg\"}]}");
        folder.Write("images/a.jpg", "1x1");
        folder.Write("other/a.jpg", "1x1");

        var source = DatasetSources.Open(folder.File("instances.json"), null, SourceTrial.Options with { Images = folder.File("other") });
        var split = await source.ReadAsync("all", null, TestContext.Current.CancellationToken);
        var refused = Assert.Throws<InvalidInputException>(() => DatasetSources.Open(folder.Path, null, new SourceOptions { Images = folder.File("no") }));

        Assert.Equal(folder.File("other/a.jpg"), split.Pictures.PathOf(split.Dataset.Images[0]));
        Assert.Equal($"{folder.File("no")}: there is no such folder of pictures.", refused.Message);
    }

    [Fact]
    public async Task Read_for_use_the_first_fault_is_refused()
    {
        using var folder = TestFiles.NewFolder();
        folder.Write("annotations/instances_val.json", "{\"images\": [{\"id\": 1}], \"annotations\": [{\"id\": 3, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, \"up\", 3, 4]}]}");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => SourceTrial.ReadAsync(folder.Path, "val"));

        Assert.Equal(
            $"{folder.File("annotations/instances_val.json")}: annotation #1 (id 3): \"bbox\" holds the text \"up\"; it must be [x, y, width, height], four finite numbers.",
            refused.Message);
    }
}
