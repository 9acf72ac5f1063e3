using System.Text;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

/// <summary>Masks, keypoints and LVIS's fields of annotation files.</summary>
public class CocoDatasetPartsTests
{
    private const string Ids = "\"id\":3,\"image_id\":1,\"category_id\":2";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fields_of_lvis_are_read()
    {
        var dataset = await Read("""
            {"images":[{"id":1,"coco_url":"http://images.example/val2017/000000397133.jpg","neg_category_ids":[3,-1],"not_exhaustive_category_ids":[7.0]},
                       {"id":2,"file_name":"b.jpg","coco_url":"http://images.example/c.jpg","neg_category_ids":[]}],
             "categories":[{"id":3,"name":"cup","frequency":"r","synset":"cup.n.01"},{"id":7,"name":"man","keypoints":["nose","t\u0061il"],"skeleton":[[1,2]]},{"id":8,"keypoints":[1]}]}
            """, AnnotationParts.Boxes);

        Assert.Equal(["000000397133.jpg", "b.jpg"], dataset.Images.Select(image => image.FileName));
        Assert.Equal([3, -1], dataset.Images[0].NegativeCategoryIds);
        Assert.Equal([7], dataset.Images[0].NotExhaustiveCategoryIds);
        Assert.Empty(dataset.Images[1].NegativeCategoryIds);
        Assert.Equal(["r", null, null], dataset.Categories.Select(category => category.Frequency));
        Assert.Equal(["nose", "tail"], dataset.Categories[1].Keypoints);
        Assert.Null(dataset.Categories[2].Keypoints);
        Assert.Equal("8", dataset.Categories[2].Name);
    }

    [Fact]
    public async Task Objects_are_ignored_when_the_file_says_so_in_either_word()
    {
        var dataset = await Annotations("\"bbox\":[0,0,1,1]", "\"bbox\":[0,0,1,1],\"ignore\":1", "\"bbox\":[0,0,1,1],\"difficult\":true", "\"bbox\":[0,0,1,1],\"ignore\":0,\"difficult\":null");

        Assert.Equal([false, true, true, false], dataset.GroundTruths.Select(o => o.IsIgnored));
    }

    [Fact]
    public async Task Masks_are_kept_as_the_file_has_them()
    {
        var dataset = await Annotations(
            "\"bbox\":[0,0,1,1],\"segmentation\":[[1,2,3,4,5,6],[0.1,2,3,4,5,6]]",
            "\"bbox\":[0,0,1,1],\"segmentation\":{\"counts\":\"7\\u0032\\\\3\",\"size\":[5,4],\"more\":[{}]}",
            "\"bbox\":[0,0,1,1],\"segmentation\":{\"size\":[5,4],\"counts\":[7,2,3,1,7]}",
            "\"bbox\":[0,0,1,1],\"segmentation\":null",
            "\"bbox\":[0,0,1,1]",
            "\"segmentation\":[[1,2],[9,8,-3,4.5]],\"area\":5",
            "\"segmentation\":{\"size\":[5,4],\"counts\":\"723O4\"},\"area\":3");

        Assert.Equal(
            [" polygons(1 2 3 4 5 6)(0.1 2 3 4 5 6)", " Text (5, 4) 72\\3", " List (5, 4) 723O4", " no mask", " no mask", " polygons(1 2)(9 8 -3 4.5)", " Text (5, 4) 723O4"],
            Enumerable.Range(0, 7).Select(row => TableText.Of(dataset.Segmentations, row)));
        // Without a box, the one around the mask.
        Assert.Equal([new Box(-3, 2, 9, 8), new Box(1, 2, 3, 4)], dataset.GroundTruths.Skip(5).Select(o => o.Box));
        Assert.Equal([5, 3], dataset.GroundTruths.Skip(5).Select(o => o.Area));
    }

    [Fact]
    public async Task Keypoints_are_kept_with_how_many_are_labelled()
    {
        var dataset = await Annotations("\"bbox\":[0,0,1,1],\"keypoints\":[1,2,2,0,0,0],\"num_keypoints\":1", "\"bbox\":[0,0,1,1],\"num_keypoints\":0", "\"bbox\":[0,0,1,1]");

        Assert.Equal(
            [" keypoints 1 2 2 0 0 0 labelled 1", " keypoints  labelled 0", " keypoints  labelled -1"], Enumerable.Range(0, 3).Select(row => TableText.Of(dataset.Keypoints, row)));
    }

    [Fact]
    public async Task Nothing_is_kept_that_is_not_asked_for()
    {
        var dataset = await Read($$"""{"images":[],"annotations":[{"bbox":[0,0,1,1],"segmentation":7,"keypoints":[1],{{Ids}}}]}""", AnnotationParts.Boxes);

        Assert.Null(dataset.Segmentations);
        Assert.Null(dataset.Keypoints);
        Assert.Single(dataset.GroundTruths);
    }

    [Theory]
    [InlineData("\"segmentation\":[[1,2,3,4,5,6]]", "\"area\" is missing; it must be a finite number, where there is no \"bbox\".")]
    [InlineData("\"area\":5", "\"bbox\" is missing; it must be [x, y, width, height].")]
    [InlineData("\"area\":5,\"segmentation\":[]", "\"bbox\" is missing; it must be [x, y, width, height].")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":[1,2,3,4,5,6]", "\"segmentation\" is 1; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":{\"size\":[5,4]}", "\"segmentation\" does not describe a mask; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":{\"size\":[5,4],\"counts\":[-1]}", "\"segmentation\" does not describe a mask; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"keypoints\":[1,2]", "\"keypoints\" has 2 values; it must be [x, y, v, …], three finite numbers a keypoint.")]
    [InlineData("\"bbox\":[0,0,1,1],\"num_keypoints\":\"1\"", "\"num_keypoints\" is the text \"1\"; it must be an integer of at most 64 bits.")]
    public async Task Reader_names_the_fault(string fields, string fault)
    {
        var thrown = await Assert.ThrowsAsync<InvalidInputException>(() => Annotations(fields));

        Assert.Equal($"gt.json: annotation #1 (id 3): {fault}", thrown.Message);
    }

    [Fact]
    public async Task Reader_names_the_image_whose_list_of_categories_is_at_fault()
    {
        var thrown = await Assert.ThrowsAsync<InvalidInputException>(() => Read("""{"images":[{"neg_category_ids":[1,"x"],"id":4}]}""", AnnotationParts.Boxes));

        Assert.Equal("gt.json: image #1 (id 4): \"neg_category_ids\" is the text \"x\"; it must be a list of integers.", thrown.Message);
    }

    [Fact]
    public async Task Writing_and_reading_gives_back_everything()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("gt.json");
        for (var seed = 0; seed < 40; seed++)
        {
            var dataset = await Read(new RandomDocument(seed).Dataset(4, 3, 15), AnnotationParts.All);

            await CocoDatasetWriter.WriteAsync(path, dataset, Ct);

            Assert.Equal(TableText.Of(dataset), TableText.Of(await CocoDatasetReader.ReadAsync(path, AnnotationParts.All, ct: Ct)));
        }
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Writer_refuses_what_json_cannot_hold()
    {
        var dataset = new Dataset([new(1, "", 0, 0)], [], [new(9, 1, 1, 0, 0, double.PositiveInfinity, 1, 1, false)], "");
        using var stream = new MemoryStream();

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => CocoDatasetWriter.WriteAsync(stream, dataset, Ct));

        Assert.Equal("annotation 9 on image 1: holds Infinity; every number must be finite.", fault.Message);
    }

    private static Task<Dataset> Annotations(params string[] fields)
        => Read($"{{\"images\":[],\"annotations\":[{string.Join(',', fields.Select(field => $"{{{field},{Ids}}}"))}]}}", AnnotationParts.All);

    private static async Task<Dataset> Read(string json, AnnotationParts parts)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return await CocoDatasetReader.ReadAsync(stream, "gt.json", parts, ct: Ct);
    }
}
