using System.Text;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public class CocoDatasetReaderTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reader_keeps_file_order_and_exact_values()
    {
        var dataset = await Read("""
            {"info":{"a":[1,{"b":2}]},"images":[{"id":-7,"file_name":"b.jpg","width":640,"height":480,"license":null},{"id":9007199254740993}],
             "licenses":[[],[{}]],
             "annotations":[{"id":4611686018427387905,"image_id":9007199254740993,"category_id":3,"bbox":[0.1,1e-3,10,20.30000000000000071],
                             "area":123.45600000000001,"iscrowd":1,"segmentation":[[1,2,3,4,5,6]],"attributes":{"x":[true]}},
                            {"iscrowd":false,"bbox":[1,2,3.5,4],"category_id":3,"image_id":-7,"id":0}],
             "categories":[{"id":3,"name":"c\u00e9ll","supercategory":"thing"},{"id":1,"name":"dog"}]}
            """);

        Assert.Equal([new(-7, "b.jpg", 640, 480), new(9007199254740993, "", 0, 0)], dataset.Images);
        Assert.Equal([new(3, "céll", "thing"), new(1, "dog")], dataset.Categories);
        Assert.Equal(
            [
                new(4611686018427387905, 9007199254740993, 3, 0.1, 0.001, 10, 20.3, 123.45600000000001, true),
                new(0, -7, 3, 1, 2, 3.5, 4, 14, false),
            ],
            dataset.GroundTruths);
    }

    [Fact]
    public async Task Reader_gives_the_hash_of_the_bytes()
    {
        var dataset = await Read("""{"images":[]}""");

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("""{"images":[]}"""u8)), dataset.ContentHash);
    }

    [Fact]
    public async Task Reader_gives_the_same_dataset_however_the_bytes_arrive()
    {
        // Longer than the window of one mebibyte, with one record that alone is longer than it.
        var images = string.Join(',', Enumerable.Range(0, 30_000).Select(i => $"{{\"id\":{i},\"file_name\":\"{i}.jpg\",\"width\":{i + 1},\"height\":2}}"));
        var polygon = string.Join(',', Enumerable.Repeat("12.25", 400_000));
        var json = $"\uFEFF{{\"skipped\":[[{polygon}]],\"images\":[{images}],\"annotations\":[{{\"id\":1,\"segmentation\":[[{polygon}]],\"image_id\":5,\"category_id\":1,\"bbox\":[1,2,3,4]}}]}}";
        await using var stream = new TricklingStream(Encoding.UTF8.GetBytes(json));

        var dataset = await CocoDatasetReader.ReadAsync(stream, "gt.json", Ct);

        Assert.Equal(30_000, dataset.Images.Count);
        Assert.Equal(new(29_999, "29999.jpg", 30_000, 2), dataset.Images[^1]);
        Assert.Equal(new GroundTruth(1, 5, 1, 1, 2, 3, 4, 12, false), Assert.Single(dataset.GroundTruths));
    }

    [Fact]
    public async Task Of_gives_the_objects_of_an_image_in_file_order()
    {
        var dataset = await Read("""
            {"images":[{"id":1},{"id":2},{"id":3}],"categories":[{"id":1}],
             "annotations":[{"id":30,"image_id":2,"category_id":1,"bbox":[0,0,1,1]},{"id":9,"image_id":1,"category_id":1,"bbox":[0,0,1,1]},{"id":10,"image_id":2,"category_id":1,"bbox":[0,0,1,1]}]}
            """);

        Assert.Equal([30, 10], dataset.Of(2).Select(o => o.Id));
        Assert.Empty(dataset.Of(3));
        Assert.Empty(dataset.Of(77));
    }

    [Theory]
    [InlineData("", "gt.json: not valid JSON at line 1, byte 1: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("{\"images\":[\n{\"id\":1},]}", "gt.json: not valid JSON at line 2, byte 10: The JSON array contains a trailing comma at the end which is not supported in this mode. Change the reader options.")]
    [InlineData("{\"images\":[{\"id\":NaN}]}", "gt.json: not valid JSON at line 1, byte 18: 'N' is an invalid start of a value.")]
    [InlineData("{\"images\":[]} x", "gt.json: not valid JSON at line 1, byte 15: 'x' is invalid after a single JSON value. Expected end of data.")]
    [InlineData("3", "gt.json: holds a single value; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\".")]
    [InlineData("[]", "gt.json: starts with an array, as a list of detections does; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\".")]
    [InlineData("{}", "gt.json: \"images\" is missing; a COCO dataset has \"images\", \"categories\" and \"annotations\".")]
    [InlineData("{\"images\":{}}", "gt.json: \"images\" is not a list; it must be an array of objects.")]
    [InlineData("{\"images\":[],\"images\":[]}", "gt.json: \"images\" occurs twice; once is allowed.")]
    [InlineData("{\"images\":[{\"id\":1},7]}", "gt.json: image #2: is not an object; every entry of the list must be one.")]
    [InlineData("{\"images\":[{\"file_name\":\"a\"}]}", "gt.json: image #1: \"id\" is missing; it must be an integer.")]
    [InlineData("{\"images\":[{\"width\":-1,\"id\":5}]}", "gt.json: image #1 (id 5): \"width\" is -1; it must be 0 to 2147483647 pixels.")]
    [InlineData("{\"images\":[{\"file_name\":[\"a\"],\"id\":5}]}", "gt.json: image #1 (id 5): \"file_name\" is an array; it must be a text.")]
    [InlineData("{\"images\":[{\"file_name\":\"\\ud800\",\"id\":5}]}", "gt.json: image #1 (id 5): \"file_name\" is not valid Unicode text.")]
    [InlineData("{\"categories\":[{\"id\":\"cat\"}]}", "gt.json: category #1: \"id\" is the text \"cat\"; it must be an integer of at most 64 bits.")]
    [InlineData("{\"categories\":[{\"id\":92233720368547758070}]}", "gt.json: category #1: \"id\" is 92233720368547758070; it must be an integer of at most 64 bits.")]
    [InlineData("{\"categories\":[{\"id\":1.5}]}", "gt.json: category #1: \"id\" is 1.5; it must be an integer of at most 64 bits.")]
    public async Task Reader_names_the_fault(string json, string message)
    {
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Read(json));

        Assert.Equal(message, fault.Message);
    }

    [Theory]
    [InlineData("\"bbox\":[1,2,3]", "\"bbox\" has 3 values; it must be [x, y, width, height], four finite numbers.")]
    [InlineData("\"bbox\":[]", "\"bbox\" is missing; it must be [x, y, width, height].")]
    [InlineData("\"bbox\":{\"x\":1}", "\"bbox\" is an object; it must be [x, y, width, height], four finite numbers.")]
    [InlineData("\"bbox\":[1,2,3,null]", "\"bbox\" holds null; it must be [x, y, width, height], four finite numbers.")]
    [InlineData("\"bbox\":[1,2,3,1e999]", "\"bbox\" holds 1e999; it must be [x, y, width, height], four finite numbers.")]
    [InlineData("\"bbox\":[1,2,3,4],\"area\":\"12\"", "\"area\" is the text \"12\"; it must be a finite number.")]
    [InlineData("\"bbox\":[1,2,3,4],\"iscrowd\":\"no\"", "\"iscrowd\" is the text \"no\"; it must be 0 or 1.")]
    [InlineData("\"bbox\":[1,2,3,4],\"image_id\":true", "\"image_id\" is true; it must be an integer of at most 64 bits.")]
    public async Task Reader_names_annotation_and_id_also_when_the_id_comes_last(string fields, string fault)
    {
        var thrown = await Assert.ThrowsAsync<InvalidInputException>(() => Read(
            $"{{\"annotations\":[{{\"id\":1,\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1]}},{{\"image_id\":1,\"category_id\":1,{fields},\"id\":1042}}]}}"));

        Assert.Equal($"gt.json: annotation #2 (id 1042): {fault}", thrown.Message);
    }

    [Fact]
    public async Task Reader_refuses_a_missing_file_and_a_folder()
    {
        using var folder = TestFiles.NewFolder();
        var missing = folder.File("none.json");

        var first = await Assert.ThrowsAsync<InvalidInputException>(() => CocoDatasetReader.ReadAsync(missing, Ct));
        var second = await Assert.ThrowsAsync<InvalidInputException>(() => CocoDatasetReader.ReadAsync(folder.Path, Ct));

        Assert.Equal($"{missing}: there is no such file.", first.Message);
        Assert.Equal($"{folder.Path}: it is a folder; a file is needed.", second.Message);
    }

    private static async Task<Dataset> Read(string json)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return await CocoDatasetReader.ReadAsync(stream, "gt.json", Ct);
    }
}
