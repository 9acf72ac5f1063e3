using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public sealed class DatasetFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Root => folder.File("cells");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folder_lists_and_reads_its_splits()
    {
        Write("instances_val.json", "instances_test.json", "instances.json", "readme.txt");

        var dataset = DatasetFolder.Open(Root + "/");

        Assert.Equal("cells", dataset.Name);
        Assert.Equal(Root, dataset.Path);
        Assert.Equal(["test", "val"], dataset.Splits);
        Assert.Single((await dataset.ReadAsync("val", Ct)).Images);
        Assert.Equal(Path.Combine(Root, "annotations", "instances_val.json"), dataset.AnnotationsPath("val"));
    }

    [Fact]
    public async Task Folder_reads_what_is_asked_for_beyond_boxes_and_hashes_where_asked()
    {
        Write("instances.json");
        File.WriteAllText(Path.Combine(Root, "annotations", "instances.json"), """
            {"images":[{"id":1}],"categories":[{"id":1,"name":"cell"}],
             "annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[0,0,4,4],"segmentation":[[0,0,4,0,4,4]]}]}
            """);
        var dataset = DatasetFolder.Open(Root);

        var boxes = await dataset.ReadAsync("all", Ct);
        var masks = await dataset.ReadAsync("all", AnnotationParts.Segmentations, hash: false, Ct);

        Assert.Null(boxes.Segmentations);
        Assert.Equal(64, boxes.ContentHash.Length);
        Assert.Equal(1, masks.Segmentations!.Count);
        Assert.Empty(masks.ContentHash);
    }

    [Fact]
    public void Folder_with_a_lone_file_has_the_split_all()
    {
        Write("instances.json");

        Assert.Equal(["all"], DatasetFolder.Open(Root).Splits);
    }

    [Fact]
    public void Folder_refuses_an_unknown_split_and_lists_those_there_are()
    {
        Write("instances_val.json", "instances_test.json");
        var dataset = DatasetFolder.Open(Root);

        var fault = Assert.Throws<InvalidInputException>(() => dataset.AnnotationsPath("train"));

        Assert.Equal("Dataset cells has no split \"train\"; it has test, val.", fault.Message);
    }

    [Fact]
    public void Folder_without_annotations_says_what_was_looked_for()
    {
        Directory.CreateDirectory(Root);

        var empty = Assert.Throws<InvalidInputException>(() => DatasetFolder.Open(Root));
        var missing = Assert.Throws<InvalidInputException>(() => DatasetFolder.Open("nowhere"));

        Assert.Equal($"{Root}: not a dataset folder; looked for annotations/instances_<split>.json and annotations/instances.json, and found neither.", empty.Message);
        Assert.Equal("nowhere: there is no such folder; a dataset is a folder with annotations/instances_<split>.json (or annotations/instances.json) and images/.", missing.Message);
    }

    [Fact]
    public async Task Fault_in_a_split_is_told_without_the_servers_folders()
    {
        Write("instances.json");
        await File.WriteAllTextAsync(Path.Combine(Root, "annotations", "instances.json"), "[]", Ct);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => DatasetFolder.Open(Root).ReadAsync("all", Ct));

        Assert.StartsWith("cells/annotations/instances.json: starts with an array", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.jpg", "a.jpg")]
    [InlineData("sub/./b/../a.jpg", "sub/a.jpg")]
    [InlineData("..a.jpg", "..a.jpg")]
    public void ImagePath_lies_in_images(string fileName, string expected)
    {
        Write("instances.json");

        Assert.Equal(Path.Combine(Root, "images", expected), DatasetFolder.Open(Root).ImagePath(new(1, fileName, 0, 0)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("/etc/passwd")]
    [InlineData("../annotations/instances.json")]
    [InlineData("../images")]
    [InlineData("../images2/a.jpg")]
    [InlineData("sub/../../a.jpg")]
    [InlineData("a\0.jpg")]
    public void ImagePath_refuses_a_name_that_leaves_images(string fileName)
    {
        Write("instances.json");

        var fault = Assert.Throws<InvalidInputException>(() => DatasetFolder.Open(Root).ImagePath(new(7, fileName, 0, 0)));

        Assert.Equal($"Dataset cells: image 7 has the file name \"{fileName}\"; it must be a relative path inside images/.", fault.Message);
    }

    private void Write(params string[] names)
    {
        Directory.CreateDirectory(Path.Combine(Root, "annotations"));
        foreach (var name in names)
            File.WriteAllText(Path.Combine(Root, "annotations", name), """{"images":[{"id":1}]}""");
    }
}
