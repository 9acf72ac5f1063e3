using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;
using Serve.Inference.Scenes;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Tests.Scenes;

/// <summary>One small dataset, written once for all tests.</summary>
public sealed class WrittenScenes : IAsyncLifetime
{
    private readonly TemporaryFolder root = TestFiles.NewFolder();

    internal static SceneOptions Options { get; } = new() { Seed = 3, Train = 3, Val = 3, Test = 3 };

    internal string Folder => root.File("demo");

    internal IReadOnlyList<int> Progress { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var progress = new Recorder();
        await SceneDataset.WriteAsync(Folder, Options, progress, TestContext.Current.CancellationToken);
        Progress = progress.Values;
    }

    public ValueTask DisposeAsync()
    {
        root.Dispose();
        return ValueTask.CompletedTask;
    }

    internal JsonNode Annotations(string split) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "annotations", $"instances_{split}.json")))!;

    private sealed class Recorder : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            lock (Values) Values.Add(value);
        }
    }
}

public class SceneDatasetTests(WrittenScenes scenes) : IClassFixture<WrittenScenes>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_reader_reads_every_split_and_each_picture_has_the_stated_size()
    {
        var folder = DatasetFolder.Open(scenes.Folder);

        Assert.Equal(["test", "train", "val"], folder.Splits);
        foreach (var (split, count) in new[] { ("train", 3), ("val", 3), ("test", 3) })
        {
            var dataset = await folder.ReadAsync(split, Token);
            Assert.Equal(count, dataset.Images.Count);
            Assert.Equal(["person", "car", "ball", "crate", "star", "sign", "tree", "flower"], dataset.Categories.Select(c => c.Name));
            Assert.All(dataset.Images, image =>
            {
                var picture = PictureDecoder.DecodeFile(folder.ImagePath(image), new());
                Assert.Equal((image.Width, image.Height), (picture.Width, picture.Height));
            });
        }
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes()
    {
        using var other = TestFiles.NewFolder();

        await SceneDataset.WriteAsync(other.Path, WrittenScenes.Options, progress: null, Token);

        var files = RelativeFiles(scenes.Folder);
        Assert.Equal(3 + 9, files.Count);
        Assert.Equal(files, RelativeFiles(other.Path));
        Assert.All(files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(scenes.Folder, f)), File.ReadAllBytes(other.File(f))));
    }

    [Theory]
    [InlineData("photo")]
    [InlineData("street")]
    [InlineData("line-art")]
    public void Another_seed_or_image_gives_another_scene(string domain)
    {
        var scene = SceneDataset.Draw(domain, seed: 3, image: 1);

        Assert.NotEqual(scene.Picture.Pixels, SceneDataset.Draw(domain, seed: 4, image: 1).Picture.Pixels);
        Assert.NotEqual(scene.Picture.Pixels, SceneDataset.Draw(domain, seed: 3, image: 2).Picture.Pixels);
    }

    [Fact]
    public void Each_split_has_images_of_each_domain_and_names_it()
    {
        foreach (var split in new[] { "train", "val", "test" })
        {
            var domains = scenes.Annotations(split)["images"]!.AsArray().Select(i => (string)i!["domain"]!).Distinct();
            Assert.Equal(["photo", "street", "line-art"], domains);
        }
    }

    [Fact]
    public void Identifiers_are_unique_across_splits()
    {
        JsonNode[] splits = [scenes.Annotations("train"), scenes.Annotations("val"), scenes.Annotations("test")];

        foreach (var list in new[] { "images", "annotations" })
        {
            long[] ids = [.. splits.SelectMany(s => s[list]!.AsArray()).Select(i => (long)i!["id"]!)];
            Assert.Equal(ids.Length, ids.Distinct().Count());
        }
    }

    [Fact]
    public void Boxes_are_tight_around_masks_and_areas_are_theirs()
    {
        var (polygons, runs) = (0, 0);
        foreach (var annotation in scenes.Annotations("train")["annotations"]!.AsArray())
        {
            var (box, area) = (annotation!["bbox"]!.Deserialize<double[]>()!, (double)annotation["area"]!);
            if (annotation["segmentation"] is JsonObject mask)
            {
                runs++;
                var (seen, x1, y1, x2, y2) = Read(mask);
                Assert.Equal(area, seen);
                Assert.Equal(box, (double[])[x1, y1, x2 - x1, y2 - y1]);
                continue;
            }

            polygons++;
            var outlines = annotation["segmentation"].Deserialize<double[][]>()!.Select(p => p.Chunk(2).Select(c => new Vec(c[0], c[1])).ToArray()).ToArray();
            Vec[] points = [.. outlines.SelectMany(o => o)];
            Assert.Equal(box, (double[])[points.Min(p => p.X), points.Min(p => p.Y), points.Max(p => p.X) - points.Min(p => p.X), points.Max(p => p.Y) - points.Min(p => p.Y)]);
            var perimeter = outlines.Sum(o => o.Select((p, i) => (p - o[(i + 1) % o.Length]).Length).Sum());
            Assert.Equal(area, outlines.Sum(o => Shapes.TwiceArea(o)) / 2, 0.25 * perimeter + 0.01);
        }

        Assert.InRange(polygons, 25, 1000);
        Assert.InRange(runs, 4, polygons);
    }

    [Fact]
    public void Every_category_occurs_in_every_domain_crowds_exist_and_sizes_span_two_orders_of_magnitude()
    {
        foreach (var domain in new[] { "photo", "street", "line-art" })
        {
            SceneObject[] objects = [.. Enumerable.Range(0, 10).AsParallel().SelectMany(i => SceneDataset.Draw(domain, 1, i).Objects)];

            Assert.Equal(Enum.GetValues<SceneCategory>(), objects.Select(o => o.Category).Distinct().Order());
            Assert.Contains(objects, o => o.IsCrowd);
            Assert.All(objects.Where(o => o.IsCrowd), o => Assert.Null(o.Polygons));
            double[] sizes = [.. objects.Where(o => !o.IsCrowd).Select(o => Math.Sqrt(o.Mask.Area)).Order()];
            Assert.InRange(sizes[0], 3, 8);
            Assert.InRange(sizes[^1] / sizes[0], domain == "photo" ? 60 : 30, 150);
        }
    }

    [Fact]
    public void Progress_counts_every_image_up_to_the_last()
        => Assert.Equal(Enumerable.Range(1, 9), scenes.Progress.Order());

    [Fact]
    public async Task A_cancelled_run_leaves_nothing()
    {
        using var root = TestFiles.NewFolder();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new Trigger(stop.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SceneDataset.WriteAsync(root.File("demo"), new SceneOptions { Train = 50 }, progress, stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(root.Path));
    }

    [Fact]
    public async Task What_a_killed_run_left_is_replaced()
    {
        using var root = TestFiles.NewFolder();
        Directory.CreateDirectory(root.File(".demo.partial/images"));
        File.WriteAllText(root.File(".demo.partial/images/old.jpg"), "half a picture");

        await SceneDataset.WriteAsync(root.File("demo"), new SceneOptions { Train = 1, Val = 0, Test = 0 }, progress: null, Token);

        Assert.Equal([root.File("demo")], Directory.EnumerateFileSystemEntries(root.Path));
        Assert.Equal(["annotations/instances_train.json", "images/train/photo-00001.jpg"], RelativeFiles(root.File("demo")));
    }

    [Fact]
    public async Task A_folder_that_holds_something_is_refused_and_kept()
    {
        using var root = TestFiles.NewFolder();
        File.WriteAllText(root.File("mine.txt"), "mine");

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => SceneDataset.WriteAsync(root.Path, WrittenScenes.Options, null, Token));

        Assert.Equal($"{root.Path}: a new dataset needs a folder that does not exist or is empty; this one holds something.", fault.Message);
        Assert.Equal("mine", File.ReadAllText(root.File("mine.txt")));
    }

    [Theory]
    [InlineData(-1, 1, 1, "Train: got -1 images, allowed 0..100000.")]
    [InlineData(1, 1, 100_001, "Test: got 100001 images, allowed 0..100000.")]
    [InlineData(0, 0, 0, "Train, Val and Test: got 0 images in all, allowed 1 or more.")]
    public void Numbers_of_images_out_of_range_are_refused(int train, int val, int test, string message)
    {
        var options = new SceneOptions { Train = train, Val = val, Test = test };

        Assert.Equal(message, Assert.Throws<InvalidInputException>(options.Validate).Message);
    }

    private static List<string> RelativeFiles(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal)];

    private static (int Area, int X1, int Y1, int X2, int Y2) Read(JsonObject mask)
    {
        var height = mask["size"]!.Deserialize<int[]>()![0];
        int area = 0, x1 = int.MaxValue, y1 = int.MaxValue, x2 = 0, y2 = 0, at = 0;
        foreach (var (i, count) in mask["counts"]!.Deserialize<int[]>()!.Index())
        {
            for (var end = at + count; at < end; at++)
            {
                if (i % 2 == 0) continue;
                area++;
                (x1, y1) = (Math.Min(x1, at / height), Math.Min(y1, at % height));
                (x2, y2) = (Math.Max(x2, at / height + 1), Math.Max(y2, at % height + 1));
            }
        }

        return (area, x1, y1, x2, y2);
    }

    private sealed class Trigger(Action action) : IProgress<int>
    {
        public void Report(int value) => action();
    }
}
