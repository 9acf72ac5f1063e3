using Serve.Eval.Checks;

namespace Serve.Eval.Tests.Checks;

/// <summary>One file for each kind of fault, which has that fault and no other.</summary>
public class RecordCheckTests
{
    private const string File = "annotations/instances_val.json";
    private const string Cat = "{\"id\": 1, \"name\": \"cat\"}";
    private const string Image = "{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100, \"height\": 50}";
    private const string Good = "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20]}";

    [Fact]
    public async Task A_faultless_file_has_no_findings()
        => Assert.Empty(await CheckTrial.FindAsync(CheckTrial.Json()));

    // Names as long as those that are looked for, so that they are compared with them.
    [Theory]
    [InlineData("{\"images\"", "{\"\\ud800 and more\": [1, {}], \"images\"")]
    [InlineData("\"id\"", "\"\\ud800 and more\": 7, \"id\"")]
    [InlineData("\"iscrowd\": 0", "\"segmentation\": {\"\\ud800 and more\": 7, \"size\": [50, 100], \"counts\": [0, 400, 4600]}")]
    public async Task A_name_may_be_half_of_a_surrogate_pair(string text, string replacement)
        => Assert.Empty(await CheckTrial.FindAsync(CheckTrial.Json().Replace(text, replacement, StringComparison.Ordinal)));

    [Theory]
    [InlineData(Image + ", {\"id\": 1, \"file_name\": \"b.jpg\", \"width\": 9, \"height\": 9}", "duplicate-image-id", "image #2 (id 1): \"id\" is 1, as of image #1 (id 1)")]
    [InlineData(Image + ", 7", "not-a-record", "image #2: is not an object; every entry of the list must be one")]
    [InlineData(Image + ", {\"file_name\": \"b.jpg\", \"width\": 9, \"height\": 9}", "missing-field", "image #2: \"id\" is missing; it must be an integer")]
    [InlineData(Image + ", {\"id\": \"two\"}", "wrong-value", "image #2: \"id\" is the text \"two\"; it must be an integer of at most 64 bits")]
    [InlineData("{\"id\": 1, \"file_name\": 7, \"width\": 100, \"height\": 50}", "wrong-value", "image #1 (id 1): \"file_name\" is 7; it must be a text")]
    [InlineData("{\"id\": 1, \"file_name\": \"\\ud800\", \"width\": 100, \"height\": 50}", "wrong-value", "image #1 (id 1): \"file_name\" is not valid Unicode text")]
    [InlineData("{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100, \"height\": 50, \"neg_category_ids\": [3]}", "unknown-category", "image #1 (id 1): \"neg_category_ids, not_exhaustive_category_ids\" name category 3, which \"categories\" does not list")]
    [InlineData("{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100, \"height\": 50, \"neg_category_ids\": 3}", "wrong-value", "image #1 (id 1): \"neg_category_ids\" is 3; it must be a list of integers")]
    [InlineData("{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100, \"height\": 50, \"neg_category_ids\": [1]}", "negative-category", "annotation #1 (id 1): \"category_id\" is 1, which \"neg_category_ids\" of image 1 says is not there")]
    [InlineData("{\"id\": 1, \"file_name\": \"a.jpg\", \"width\": 100}", "unknown-size", "image #1 (id 1): \"width, height\" are 100, 0; they should be the size of the picture in pixels")]
    [InlineData(Image + ", {\"id\": 2, \"file_name\": \"b.jpg\", \"width\": 9, \"height\": 9}", "empty-image", "image #2 (id 2): \"b.jpg\" has no objects")]
    public async Task Faults_of_images(string images, string code, string sentence)
        => await AssertOnlyAsync(CheckTrial.Json(images: images), code, $"{File}: {sentence}");

    [Theory]
    [InlineData(Cat + ", {\"id\": 1, \"name\": \"dog\"}", "duplicate-category-id", File + ": category 1 (\"dog\"): \"id\" is 1, as of an earlier category")]
    [InlineData(Cat + ", {\"id\": 2, \"name\": \"dog\"}", "empty-category", "split val: category 2 (\"dog\") has no objects")]
    [InlineData(Cat + ", []", "not-a-record", File + ": category #2: is not an object; every entry of the list must be one")]
    [InlineData("{\"id\": 1, \"name\": \"cat\", \"keypoints\": [1]}", "wrong-value", File + ": category #1 (id 1): \"keypoints\" is an array; it must be a list of texts")]
    public async Task Faults_of_categories(string categories, string code, string line)
        => await AssertOnlyAsync(CheckTrial.Json(categories: categories), code, line);

    [Theory]
    [InlineData(Good + ", {\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}", "duplicate-annotation-id", "annotation #2 (id 1): \"id\" is 1, as of annotation #1 (id 1)")]
    [InlineData("{\"id\": 0, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}", "annotation-id-zero", "annotation #1 (id 0): \"id\" is 0; it must be another integer")]
    [InlineData(Good + ", {\"id\": 2, \"image_id\": 9, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}", "unknown-image", "annotation #2 (id 2): \"image_id\" is 9, which \"images\" does not list (1 entries)")]
    [InlineData(Good + ", {\"id\": 2, \"image_id\": 1, \"category_id\": 9, \"bbox\": [1, 1, 2, 2]}", "unknown-category", "annotation #2 (id 2): \"category_id\" is 9, which \"categories\" does not list (1 entries)")]
    [InlineData(Good + ", {\"id\": 2, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20]}", "duplicate-object", "annotation #2 (id 2): \"bbox\" is [10, 10, 20, 20] with category 1 on image 1, as before")]
    [InlineData(Good + ", {\"id\": 2, \"image_id\": null, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}", "wrong-value", "annotation #2 (id 2): \"image_id\" is null; it must be an integer of at most 64 bits")]
    [InlineData(Good + ", {\"id\": 2.5, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 1, 2, 2]}", "wrong-value", "annotation #2 (id 2.5): \"id\" is 2.5; it must be an integer of at most 64 bits")]
    [InlineData(Good + ", {\"id\": 2, \"image_id\": 1, \"category_id\": 1}", "missing-field", "annotation #2 (id 2): \"bbox\" is missing; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3]}", "wrong-value", "annotation #1 (id 1): \"bbox\" has 3 values; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, \"x\", 3, 4]}", "wrong-value", "annotation #1 (id 1): \"bbox\" holds the text \"x\"; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [NaN, 2, NaN, 4]}", "not-finite", "annotation #1 (id 1): \"bbox\" holds NaN; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, Infinity, 4]}", "not-finite", "annotation #1 (id 1): \"bbox\" holds Infinity; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 1e999, 4]}", "not-finite", "annotation #1 (id 1): \"bbox\" holds 1e999; it must be [x, y, width, height], four finite numbers")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"area\": -Infinity}", "not-finite", "annotation #1 (id 1): \"area\" is -Infinity; it must be a finite number")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [1, 2, 3, 4], \"iscrowd\": 2}", "wrong-value", "annotation #1 (id 1): \"iscrowd\" is 2; it must be 0 or 1")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [30, 10, -20, 20], \"area\": 400}", "negative-size", "annotation #1 (id 1): \"bbox\" is [30, 10, -20, 20]; width and height must be 0 or more")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [30, 10, 0, 20]}", "zero-area", "annotation #1 (id 1): \"bbox\" is [30, 10, 0, 20]; width and height should be above 0")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [101, 10, 5, 5]}", "box-off-image", "annotation #1 (id 1): \"bbox\" is [101, 10, 5, 5], wholly outside its image of 100 x 50 pixels")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [90, 10, 11.5, 5]}", "box-outside", "annotation #1 (id 1): \"bbox\" is [90, 10, 11.5, 5], partly outside its image of 100 x 50 pixels")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"area\": 300}", "area-below-box", "annotation #1 (id 1): \"area\" is 300; the box has 400 square pixels")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"area\": 500}", "area-differs", "annotation #1 (id 1): \"area\" is 500; the box has 400 square pixels")]
    [InlineData("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"area\": -400}", "negative-area", "annotation #1 (id 1): \"area\" is -400; it must be 0 or more")]
    public async Task Faults_of_annotations(string annotations, string code, string sentence)
        => await AssertOnlyAsync(CheckTrial.Json(annotations: annotations), code, $"{File}: {sentence}");

    [Theory]
    [InlineData("[[10, 10, 30, 10, 30]], \"area\": 400", "odd-polygon", "\"segmentation\" has polygon 1 of 5 coordinates; they must come in pairs")]
    [InlineData("[[10, 10, 30, 10, 30, 30], [10, 10]], \"area\": 200", "empty-polygon", "\"segmentation\" has polygon 2 of 1 point; it must have three or more")]
    [InlineData("[[10, 10, 30, 30], [10, 10, 30, 10, 30, 30]], \"area\": 200", "short-polygon", "\"segmentation\" has polygon 1 of 2 points; it must have three or more")]
    [InlineData("[[10, 10, 30, 10, 30, 52, 10, 52]], \"area\": 840", "polygon-outside", "\"segmentation\" reaches outside its image of 100 x 50 pixels")]
    [InlineData("[[10, 10, 30, 10, 30, 30]], \"area\": 300", "area-differs", "\"area\" is 300; the polygon has 200 square pixels")]
    [InlineData("[[10, 10, 30, NaN, 30, 30]], \"area\": 200", "not-finite", "\"segmentation\" holds NaN; it must be polygons of finite numbers")]
    [InlineData("[10, 10, 30, 10, 30, 30]", "wrong-value", "\"segmentation\" is an array; it must be a list of polygons [[x, y, x, y, …], …], or {\"size\": [height, width], \"counts\": run lengths}")]
    [InlineData("\"mask\"", "wrong-value", "\"segmentation\" is the text \"mask\"; it must be a list of polygons [[x, y, x, y, …], …], or {\"size\": [height, width], \"counts\": run lengths}")]
    [InlineData("{\"size\": [50, 100], \"counts\": [0, 400, 4599]}, \"area\": 400", "run-length-short", "\"segmentation\" has runs of 4999 pixels in all; they must add up to 50 x 100 = 5000")]
    [InlineData("{\"size\": [50, 100], \"counts\": [0, 400, 4601]}, \"area\": 400", "run-length-sum", "\"segmentation\" has runs of 5001 pixels in all; they must add up to 50 x 100 = 5000")]
    [InlineData("{\"size\": [50, 100], \"counts\": [0, 4294967295, 4294967295]}", "run-length-sum", "\"segmentation\" has runs of 8589934590 pixels in all; they must add up to 50 x 100 = 5000")]
    [InlineData("{\"size\": [100, 50], \"counts\": [0, 400, 4600]}, \"area\": 400", "mask-size", "\"segmentation\" has the size [100, 50]; its image has [50, 100] (height, width)")]
    [InlineData("{\"size\": [50, 100], \"counts\": [0, 400, 4600]}, \"area\": 500", "area-differs", "\"area\" is 500; the mask has 400 pixels")]
    [InlineData("{\"size\": [50, 100], \"counts\": \"~~\"}", "run-length-text", "\"segmentation\" has run lengths that cannot be read; they must be COCO's text form")]
    [InlineData("{\"size\": [50, 100], \"counts\": \"\\ud800\"}", "wrong-value", "\"segmentation\" is the text \"�\"; it must be run lengths in COCO's text form")]
    [InlineData("{\"size\": [50, 100], \"counts\": [0, -4]}", "wrong-value", "\"segmentation\" is -4; it must be a list of counts from 0 to 4294967295")]
    [InlineData("{\"size\": [50], \"counts\": []}", "wrong-value", "\"segmentation\" is an object; it must be a list of polygons [[x, y, x, y, …], …], or {\"size\": [height, width], \"counts\": run lengths}")]
    public async Task Faults_of_masks(string segmentation, string code, string sentence)
        => await AssertOnlyAsync(
            CheckTrial.Json(annotations: $"{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"segmentation\": {segmentation}}}"),
            code, $"{File}: annotation #1 (id 1): {sentence}");

    [Theory]
    [InlineData("\"segmentation\": [[10, 10, 30, 10, 30, 30]], \"area\": 200")]
    [InlineData("\"segmentation\": [[10, 10, 30, 10, 30, 30]], \"area\": 200, \"bbox\": []")]
    [InlineData("\"segmentation\": {\"size\": [50, 100], \"counts\": [500, 400, 4100]}, \"area\": 400")]
    public async Task A_mask_with_an_area_needs_no_box_as_in_an_evaluation(string fields)
    {
        using var folder = TestFiles.NewFolder();
        Formats.SourceTrial.Write(folder, File, CheckTrial.Json(annotations: $"{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, {fields}}}"));

        var (checkedSplit, faults) = await Formats.SourceTrial.CollectAsync(folder.Path, "val");
        var strict = await Formats.SourceTrial.ReadAsync(folder.Path, "val");

        Assert.Empty(faults);
        Assert.Empty(await CheckTrial.FindInAsync(folder.Path));
        Assert.Equal(strict.Dataset.GroundTruths, checkedSplit.Dataset.GroundTruths);
        Assert.NotEqual(0, Assert.Single(strict.Dataset.GroundTruths).Width);
    }

    [Theory]
    [InlineData("\"segmentation\": [[10, 10, 30, 10, 30, 30]]", "missing-field", "\"area\" is missing; it must be a finite number, where there is no \"bbox\"")]
    [InlineData("\"segmentation\": [], \"area\": 200", "missing-field", "\"bbox\" is missing; it must be [x, y, width, height], four finite numbers")]
    public async Task Faults_of_masks_without_a_box(string fields, string code, string sentence)
        => await AssertOnlyAsync(
            CheckTrial.Json(annotations: $"{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, {fields}}}"), code, $"{File}: annotation #1 (id 1): {sentence}");

    [Theory]
    [InlineData("[1, 2, 2, 3]", 1, "keypoint-count", "\"keypoints\" has 4 values; it must be [x, y, v, x, y, v, …], three numbers for each keypoint")]
    [InlineData("[1, 2, 2]", 1, "keypoint-count", "\"keypoints\" are 1; category 1 has 2")]
    [InlineData("[1, 2, 2, 3, 4, 0]", 2, "labelled-count", "\"num_keypoints\" is 2; 1 keypoints are labelled (v above 0)")]
    [InlineData("[1, 2, 2, 3, null, 0]", 1, "wrong-value", "\"keypoints\" holds null; it must be [x, y, v, x, y, v, …], three numbers for each keypoint")]
    public async Task Faults_of_keypoints(string keypoints, int labelled, string code, string sentence)
        => await AssertOnlyAsync(
            CheckTrial.Json(
                categories: "{\"id\": 1, \"name\": \"cat\", \"keypoints\": [\"nose\", \"tail\"]}",
                annotations: $"{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [10, 10, 20, 20], \"keypoints\": {keypoints}, \"num_keypoints\": {labelled}}}"),
            code, $"{File}: annotation #1 (id 1): {sentence}");

    [Theory]
    [InlineData("[]", "unreadable-file", "starts with an array, as a list of detections does; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\"")]
    [InlineData("3", "unreadable-file", "holds a single value; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\"")]
    [InlineData("{}", "missing-list", "\"images\" is missing; a COCO dataset has \"images\", \"categories\" and \"annotations\"")]
    [InlineData("{\"images\": {}}", "missing-list", "\"images\" is not a list; it must be an array of objects")]
    [InlineData("{\"images\": [], \"images\": []}", "missing-list", "\"images\" occurs twice; once is allowed")]
    [InlineData("{\"images\": [],\n \"annotations\": [{]}", "unreadable-file", "line 2: is not valid JSON at byte 19: ']' is an invalid start of a property name. Expected a '\"'")]
    public async Task Faults_of_the_document(string json, string code, string sentence)
        => await AssertOnlyAsync(json, code, $"{File}: {sentence}");

    [Fact]
    public async Task Two_categories_of_one_name_are_told()
        => await AssertOnlyAsync(
            CheckTrial.Json(categories: $"{Cat}, {{\"id\": 2, \"name\": \"cat\"}}", annotations: $"{Good}, {{\"id\": 2, \"image_id\": 1, \"category_id\": 2, \"bbox\": [1, 1, 2, 2]}}"),
            "duplicate-category-name", $"{File}: category 2 (\"cat\"): \"name\" is \"cat\", as of an earlier category");

    [Fact]
    public async Task What_stands_before_broken_json_is_checked_all_the_same()
    {
        var findings = await CheckTrial.FindAsync(CheckTrial.Json(images: $"{Image}, {Image}")[..^5]);

        Assert.Equal(["unreadable-file", "duplicate-image-id", "duplicate-file-name", "empty-image", "empty-category"], findings.Select(finding => finding.Kind.Code));
    }

    [Fact]
    public async Task Faults_of_one_kind_are_counted_and_the_first_five_kept()
    {
        var annotations = string.Join(", ", Enumerable.Range(1, 12).Select(id => $"{{\"id\": {id}, \"image_id\": 1, \"category_id\": 1, \"bbox\": [{id}, 10, 0, 2]}}"));

        var finding = Assert.Single(await CheckTrial.FindAsync(CheckTrial.Json(annotations: annotations)));

        Assert.Equal((FaultKinds.ZeroArea, 12L, 5), (finding.Kind, finding.Count, finding.Examples.Count));
    }

    [Fact]
    public async Task Splits_that_name_categories_differently_are_told()
    {
        using var folder = TestFiles.NewFolder();
        Formats.SourceTrial.Write(folder, "annotations/instances_train.json", CheckTrial.Json(categories: "{\"id\": 1, \"name\": \"cat\"}, {\"id\": 2, \"name\": \"dog\"}"));
        Formats.SourceTrial.Write(folder, "annotations/instances_val.json", CheckTrial.Json(categories: "{\"id\": 1, \"name\": \"dog\"}, {\"id\": 3, \"name\": \"cat\"}"));

        var findings = await CheckTrial.FindInAsync(folder.Path);

        Assert.Equal(
            ["categories-differ: split val: calls category 1 \"dog\"; split train calls it \"cat\"", "categories-differ: split val: gives \"cat\" the id 3; split train gives it 1"],
            CheckTrial.Lines(findings.Where(finding => finding.Kind == FaultKinds.CategoriesDiffer)));
    }

    private static async Task AssertOnlyAsync(string json, string code, string line)
        => Assert.Equal([$"{code}: {line}"], CheckTrial.Lines(await CheckTrial.FindAsync(json)));
}
