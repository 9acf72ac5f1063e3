using System.Text.Json;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Tests.Models;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Evaluation;

public sealed class DatasetDetectionTests : IDisposable
{
    private const int Images = 23;
    private const int Most = 100;

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Detections_come_in_image_order_with_the_datasets_category_ids()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("cat", "tree", "dog");

        var table = await DatasetDetection.DetectAsync(model, folder, dataset, 0, Images, Most, AnnotationParts.Boxes, null, Ct);

        // Two rows an image, the cat first: its score is the brightness, which rises with the image.
        Assert.Equal(Enumerable.Range(0, Images).SelectMany(i => (long[])[1000 + i, 1000 + i]), table.ImageIds.ToArray());
        Assert.Equal(Enumerable.Range(0, Images).SelectMany(_ => (long[])[50, 52]), table.CategoryIds.ToArray());
        Assert.Equal(Level(4) / 255.0, table.Scores[8], 1e-6);
        Assert.Equal((4, 4, 16), (table.X[8], table.Y[8], table.Height[8]));
        Assert.Equal(16 * Level(4) / 255.0, table.Width[8], 1e-4);
    }

    [Fact]
    public async Task Shards_of_any_size_give_the_same_numbers_to_the_last_bit()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("cat", "dog");
        var whole = await DatasetDetection.DetectAsync(model, folder, dataset, 0, Images, Most, AnnotationParts.Boxes, null, Ct);

        var sharded = new DetectionTable();
        foreach (var (first, count) in ((int, int)[])[(0, 1), (1, 10), (11, 0), (11, 12)])
            sharded.Append(await DatasetDetection.DetectAsync(model, folder, dataset, first, count, Most, AnnotationParts.Boxes, null, Ct));

        Assert.Equal(whole.ImageIds, sharded.ImageIds);
        Assert.Equal(whole.Scores, sharded.Scores);
        Assert.Equal(whole.X, sharded.X);
        Assert.Equal(whole.Y, sharded.Y);
        Assert.Equal(whole.Width, sharded.Width);
        Assert.Equal(whole.Height, sharded.Height);
    }

    [Fact]
    public async Task Objects_of_categories_that_the_dataset_lacks_are_left_out()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("dog", "Cat");

        var table = await DatasetDetection.DetectAsync(model, folder, dataset, 0, Images, Most, AnnotationParts.Boxes, null, Ct);

        Assert.Equal(Images, table.Count);
        Assert.All(table.CategoryIds.ToArray(), id => Assert.Equal(50, id));
    }

    [Theory]
    [InlineData("coco-bbox", 100)]
    [InlineData("usb-m109s", 150)]
    [InlineData("lvis-bbox", 150)]
    [InlineData("lvis-fixed-bbox", 150)]
    [InlineData("voc-2012", 150)]
    public async Task The_best_of_an_image_are_kept_as_many_as_the_protocol_takes(string protocol, int kept)
    {
        await using var model = Model(moreRows: 148);
        var (folder, dataset) = await WriteDataset("cat", "dog");

        var table = await DatasetDetection.DetectAsync(model, folder, dataset, 0, 2, ProtocolCatalogue.Find(protocol)!.DetectionsPerImage, AnnotationParts.Boxes, null, Ct);

        Assert.Equal([.. Enumerable.Repeat(1000L, kept), .. Enumerable.Repeat(1001L, kept)], table.ImageIds.ToArray());
        Assert.Equal([50, 51, 50], table.CategoryIds[..3].ToArray());
        Assert.Equal(Level(0) / 255.0, table.Scores[0], 1e-6);
        Assert.Equal(Level(0) / 255.0 / 4, table.Scores[kept - 1], 1e-6);
    }

    [Fact]
    public async Task Objects_that_are_left_out_do_not_count_towards_the_limit()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("dog");

        var table = await DatasetDetection.DetectAsync(model, folder, dataset, 0, Images, 1, AnnotationParts.Boxes, null, Ct);

        Assert.Equal(Images, table.Count);
    }

    [Fact]
    public async Task Progress_reaches_the_number_of_images()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("cat");
        var told = new List<int>();

        await DatasetDetection.DetectAsync(model, folder, dataset, 3, 9, Most, AnnotationParts.Boxes, new Listener(told), Ct);

        Assert.Equal(Enumerable.Range(1, 9), told.Order());
    }

    [Fact]
    public async Task No_common_category_is_refused_with_both_lists()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("tree", "Dog");

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => DatasetDetection.DetectAsync(model, folder, dataset, 0, 1, Most, AnnotationParts.Boxes, null, Ct));

        Assert.Equal("Model 'small' and dataset 'data' have no category name in common. The model's: cat, dog. The dataset's: tree, Dog.", refused.Message);
    }

    [Fact]
    public async Task A_missing_picture_is_told_by_its_name_in_the_dataset()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("cat");
        File.Delete(_folder.File("data/images/5.png"));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => DatasetDetection.DetectAsync(model, folder, dataset, 0, Images, Most, AnnotationParts.Boxes, null, Ct));

        Assert.Equal("Dataset 'data', image 1005 (5.png): there is no such picture file.", refused.Message);
    }

    [Fact]
    public async Task A_picture_of_another_size_than_annotated_is_refused()
    {
        await using var model = Model();
        var (folder, dataset) = await WriteDataset("cat");
        File.WriteAllBytes(_folder.File("data/images/2.png"), PictureEncoder.Encode(TestPictures.Plain(24, 32, 0, 0, 0), "image/png"));

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => DatasetDetection.DetectAsync(model, folder, dataset, 2, 1, Most, AnnotationParts.Boxes, null, Ct));

        Assert.Equal(
            "Dataset 'data', image 1002 (2.png): the annotations say 32x24 pixels, the upright picture has 24x32; boxes would not fit.", refused.Message);
    }

    private static byte Level(int image) => (byte)(100 + 5 * image);

    private DetectionModel Model(int moreRows = 0) => DetectionModel.Load(TestModels.Write(_folder.File("model"), moreRows: moreRows), "cpu");

    /// <summary>Grey pictures that get brighter; ids of images from 1000 and of categories from 50.</summary>
    private async Task<(DatasetFolder Folder, Dataset Dataset)> WriteDataset(params string[] categories)
    {
        Directory.CreateDirectory(_folder.File("data/annotations"));
        Directory.CreateDirectory(_folder.File("data/images"));
        for (var i = 0; i < Images; i++)
            File.WriteAllBytes(_folder.File($"data/images/{i}.png"), PictureEncoder.Encode(TestModels.Grey(Level(i)), "image/png"));
        var json = JsonSerializer.Serialize(new
        {
            images = Enumerable.Range(0, Images).Select(i => new { id = 1000 + i, file_name = $"{i}.png", width = TestModels.Width, height = TestModels.Height }),
            categories = categories.Select((name, i) => new { id = 50 + i, name }),
            annotations = Array.Empty<object>(),
        });
        File.WriteAllText(_folder.File("data/annotations/instances_test.json"), json);
        var folder = DatasetFolder.Open(_folder.File("data"));
        return (folder, await folder.ReadAsync("test", Ct));
    }

    private sealed class Listener(List<int> told) : IProgress<int>
    {
        public void Report(int value)
        {
            lock (told)
                told.Add(value);
        }
    }
}
