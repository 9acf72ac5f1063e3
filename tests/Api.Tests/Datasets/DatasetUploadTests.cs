using System.Formats.Tar;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Datasets;

public sealed class DatasetUploadTests : OwnServer
{
    private const int Link = 0xA1FF;
    private const int PlainFile = 0x81A4;

    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        TestDataset.Write(Folder.File("data/tiny"), images: 2);
        TestDataset.WriteOne(Folder.File("one"), images: 3);
        return ServeApplication.StartAsync(
            Folder.Path, ("Serve:MaxDatasetBytes", "100000000"), ("Serve:MaxDatasetFiles", "20"), ("Serve:DatasetRoots", $"{Folder.File("nowhere")};{Folder.File("roots")}"));
    }

    [Fact]
    public async Task A_coco_archive_becomes_a_dataset_that_models_are_evaluated_on()
    {
        using var answer = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one")), "?visibility=public&description=Three%20pictures.");
        var dataset = await Task.FromResult(answer).JsonAsync(HttpStatusCode.Created);

        Assert.Equal("/v1/datasets/cells", answer.Headers.Location!.OriginalString);
        Assert.Equal(("cells", 1, "public", "Three pictures."), ((string)dataset["name"]!, (int)dataset["version"]!, (string)dataset["visibility"]!, (string)dataset["description"]!));
        Assert.Equal(["test 3 3"], dataset["splits"]!.AsArray().Select(split => $"{split!["name"]} {split["images"]} {split["annotations"]}"));
        Assert.Equal((0, "empty-category"), ((int)dataset["checks"]!["warnings"]!, (string)dataset["checks"]!["findings"]![0]!["kind"]!));
        Assert.Equal(["cells", "tiny"], (await Client.GetAsync("/v1/datasets", Token).JsonAsync())["datasets"]!.AsArray().Select(entry => (string)entry!["name"]!));
        var evaluation = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "cells", model = "shapes" }));
        Assert.Equal(("done", 3), ((string)evaluation["state"]!, (int)evaluation["report"]!["images"]!));
        Assert.Equal(3, (int)(await Client.GetAsync("/v1/datasets/cells/statistics", Token).JsonAsync())["splits"]![0]!["objects"]!);
        AssertNoneIsLeftBehind();
    }

    [Fact]
    public async Task A_yolo_archive_is_told_from_what_is_in_it_and_what_systems_add_is_left_out()
    {
        WriteYolo(Folder.File("yolo/inner"), "train: images/train\nval: images/val\nnames: [light]\n");
        File.WriteAllText(Folder.File("yolo/inner/labels/train/._0.txt"), "no label");

        var dataset = await PutAsync("marks", TestArchives.TarOf(Folder.File("yolo/inner"), isCompressed: true)).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(["train 1 1", "val 1 1"], dataset["splits"]!.AsArray().Select(split => $"{split!["name"]} {split["images"]} {split["annotations"]}"));
        Assert.Equal("yolo", (string)(await Client.GetAsync("/v1/datasets/marks/versions", Token).JsonAsync())["versions"]![0]!["format"]!);
        Assert.Equal("private", (string)dataset["visibility"]!);
    }

    [Fact]
    public async Task A_dataset_with_errors_is_refused_with_all_of_them_and_none_of_it_is_kept()
    {
        var file = Folder.File("one/annotations/instances_test.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!;
        json["annotations"]![0]!["category_id"] = 9;
        json["annotations"]![1]!["bbox"] = new JsonArray(1, 2, -3, 4);
        await File.WriteAllTextAsync(file, json.ToJsonString(), Token);
        File.Delete(Folder.File("one/images/2.png"));

        var problem = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).ProblemAsync(HttpStatusCode.BadRequest);

        var problems = problem["problems"]!.AsArray().ToDictionary(entry => (string)entry!["kind"]!, entry => entry!);
        Assert.Equal(3, (int)problem["problemCount"]!);
        Assert.Equal(["missing-picture", "negative-size", "unknown-category"], problems.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            ("annotations/instances_test.json", "annotation #1 (id 1)", "category_id"),
            ((string)problems["unknown-category"]["file"]!, (string)problems["unknown-category"]["record"]!, (string)problems["unknown-category"]["field"]!));
        Assert.Contains("there is no such picture in cells/images", (string)problems["missing-picture"]["fault"]!);
        Assert.StartsWith("Dataset \"cells\" has 3 errors, and nothing of it was kept. The first: annotations/instances_test.json, ", problem.Detail());
        await Client.GetAsync("/v1/datasets/cells", Token).ProblemAsync(HttpStatusCode.NotFound);
        AssertNoneIsLeftBehind();
    }

    [Fact]
    public async Task Of_many_errors_the_first_thousand_are_listed_and_all_are_counted()
    {
        var file = Folder.File("one/annotations/instances_test.json");
        var json = JsonNode.Parse(await File.ReadAllTextAsync(file, Token))!;
        for (var i = 0; i < 1500; i++)
            json["annotations"]!.AsArray().Add(new JsonObject { ["id"] = 100 + i, ["image_id"] = 77, ["category_id"] = 1, ["bbox"] = new JsonArray(1, 1, 2, 2), ["area"] = 4 });
        await File.WriteAllTextAsync(file, json.ToJsonString(), Token);

        var problem = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal((1500, 1000), ((int)problem["problemCount"]!, problem["problems"]!.AsArray().Count));
    }

    [Fact]
    public async Task Nothing_outside_the_archive_is_read_whatever_its_files_name()
    {
        TestDataset.WriteOne(Folder.File("workspace/secret"), images: 1);
        WriteYolo(Folder.File("moved"), $"path: {Folder.File("workspace/secret")}\ntrain: images\nnames: [light]\n");
        WriteYolo(Folder.File("listed"), "train: list.txt\nnames: [light]\n");
        File.WriteAllText(Folder.File("listed/list.txt"), "../../../../secret/images/0.png\n");
        WriteYolo(Folder.File("climbing"), "train: ../../../secret/images\nval: images/val\nnames: [light]\n");

        var moved = await PutAsync("moved", TestArchives.ZipOf(Folder.File("moved"))).JsonAsync(HttpStatusCode.Created);
        var listed = await PutAsync("listed", TestArchives.ZipOf(Folder.File("listed"))).ProblemAsync(HttpStatusCode.BadRequest);
        var climbing = await PutAsync("climbing", TestArchives.ZipOf(Folder.File("climbing"))).JsonAsync(HttpStatusCode.Created);

        // The archive's own pictures, of both of its folders.
        Assert.Equal(["train 2 2"], moved["splits"]!.AsArray().Select(split => $"{split!["name"]} {split["images"]} {split["annotations"]}"));
        Assert.EndsWith("names the picture \"../../../../secret/images/0.png\", which lies outside the dataset's folder", (string)listed["problems"]![0]!["fault"]! is var fault ? fault.TrimEnd('.') : "");
        Assert.Equal(["val"], climbing["splits"]!.AsArray().Select(split => (string)split!["name"]!));
    }

    [Fact]
    public async Task Entries_that_lead_elsewhere_are_refused_all_at_once()
    {
        var zip = TestArchives.Zip(
            [("annotations/instances.json", "{}"), ("../up.json", "x"), ("/etc/passwd", "x"), ("a\\b", "x"), ("link", "/etc/passwd"), ("C:/x", "x")], name => name == "link" ? Link : PlainFile);

        var problem = await PutAsync("cells", zip).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(5, (int)problem["problemCount"]!);
        Assert.Equal(
            [
                "../up.json has \"..\" in its path; allowed are paths below the archive's root",
                "/etc/passwd has an absolute path; allowed are paths below the archive's root",
                "a\\b has a backslash or a control character in its name; parts of a path are divided by /",
                "link is a link; archives may hold files only",
                "C:/x has an absolute path; allowed are paths below the archive's root",
            ],
            problem["problems"]!.AsArray().Select(entry => $"{entry!["file"]} {entry["fault"]}"));
        AssertNoneIsLeftBehind();
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "is a link; archives may hold files only")]
    [InlineData(TarEntryType.HardLink, "is a link; archives may hold files only")]
    [InlineData(TarEntryType.Fifo, "is no file")]
    [InlineData(TarEntryType.CharacterDevice, "is no file")]
    public async Task A_tar_holds_files_only(TarEntryType type, string fault)
    {
        var entry = new PaxTarEntry(type, "images/0.png");
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            entry.LinkName = "/etc/passwd";

        var problem = await PutAsync("cells", TestArchives.Tar(entry)).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(("images/0.png", fault), ((string)problem["problems"]![0]!["file"]!, (string)problem["problems"]![0]!["fault"]!));
    }

    [Fact]
    public async Task A_name_that_is_there_twice_is_refused()
    {
        var problem = await PutAsync("cells", TestArchives.Zip(("a", "1"), ("a/b", "2"), ("a", "3"))).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(2, (int)problem["problemCount"]!);
    }

    [Fact]
    public async Task More_files_or_bytes_than_allowed_are_refused_and_what_unpacks_to_many_times_its_size()
    {
        var files = Enumerable.Range(0, 30).Select(i => ($"images/{i}.png", "x")).ToArray();
        var bomb = TestArchives.Compressed(TestArchives.Tar(Zeroes("images/0.png", 90_000_000)));
        var large = TestArchives.Tar(Zeroes("images/0.png", 60_000_000), Zeroes("images/1.png", 60_000_000));

        var many = await PutAsync("cells", TestArchives.Zip(files)).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        var manyInTar = await PutAsync("cells", TestArchives.Tar([.. files.Select(file => new PaxTarEntry(TarEntryType.RegularFile, file.Item1))])).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        var unpacked = await PutAsync("cells", bomb).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        using var ask = new HttpRequestMessage(HttpMethod.Put, "/v1/datasets/cells") { Content = new ByteArrayContent(large), Headers = { ExpectContinue = true } };
        var body = await Client.SendAsync(ask, Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("The archive holds more than 20 files, which is the limit (Serve:MaxDatasetFiles).", many.Detail());
        Assert.Equal(many.Detail(), manyInTar.Detail());
        Assert.Contains("unpacks to more than 200 times as many", unpacked.Detail());
        Assert.Contains("at most 100,000,000 are allowed (Serve:MaxDatasetBytes)", body.Detail());
        AssertNoneIsLeftBehind();
    }

    [Fact]
    public async Task What_is_no_archive_or_a_damaged_one_is_told()
    {
        var zip = TestArchives.ZipOf(Folder.File("one"));

        var text = await PutAsync("cells", "no archive"u8.ToArray()).ProblemAsync(HttpStatusCode.UnsupportedMediaType);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(zip), "file", "one.zip" } };
        await Client.PutAsync("/v1/datasets/cells", form, Token).ProblemAsync(HttpStatusCode.UnsupportedMediaType);
        var cut = await PutAsync("cells", zip[..^200]).ProblemAsync(HttpStatusCode.BadRequest);
        var compressed = TestArchives.TarOf(Folder.File("one"), isCompressed: true);
        var tar = await PutAsync("cells", compressed[..(compressed.Length / 2)]).ProblemAsync(HttpStatusCode.BadRequest);
        var none = await PutAsync("cells", TestArchives.Zip()).ProblemAsync(HttpStatusCode.BadRequest);
        var other = await PutAsync("cells", TestArchives.Zip(("read.me", "x"))).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("The body is no zip, tar or tar.gz.", text.Detail());
        Assert.StartsWith("The archive is damaged: ", cut.Detail());
        Assert.StartsWith("The archive is damaged: ", tar.Detail());
        Assert.Equal("The archive holds no files.", none.Detail());
        Assert.Contains("not a dataset in a known format", other.Detail());
        AssertNoneIsLeftBehind();
    }

    [Fact]
    public async Task A_wrong_name_visibility_or_format_is_told_with_what_is_allowed()
    {
        var problem = await PutAsync("-cells", [], "?visibility=secret&format=csv").ProblemAsync(HttpStatusCode.BadRequest);
        var folder = await PutAsync("tiny", TestArchives.ZipOf(Folder.File("one"))).ProblemAsync(HttpStatusCode.Conflict);

        Assert.Equal(["format", "name", "visibility"], problem["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.Equal("The visibility is \"secret\"; allowed: public, private.", (string)problem["errors"]!["visibility"]![0]!);
        Assert.StartsWith("Dataset \"tiny\" lies in the server's data folder", folder.Detail());
    }

    [Fact]
    public async Task Annotations_without_pictures_are_a_dataset_for_detections_made_elsewhere()
    {
        Directory.Delete(Folder.File("one/images"), recursive: true);

        await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync(HttpStatusCode.Created);
        var evaluation = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(
            new { dataset = "cells", detections = new[] { new { image_id = 1, category_id = 1, bbox = new[] { 1, 2, 3, 4 }, score = 0.5 } } }));

        Assert.Equal("done", (string)evaluation["state"]!);
    }

    [Fact]
    public async Task A_folder_below_the_roots_is_copied_and_no_other()
    {
        TestDataset.WriteOne(Folder.File("roots/a/cells"), images: 3);

        var dataset = await PostAsync("a/cells").JsonAsync(HttpStatusCode.Created);
        var again = await PostAsync(Folder.File("roots/a/cells")).JsonAsync();
        Directory.Delete(Folder.File("roots"), recursive: true);
        Directory.CreateDirectory(Folder.File("roots"));
        var evaluation = await Client.WaitUntilOverAsync(await Client.EvaluateAsync(new { dataset = "cells", model = "shapes" }));
        var outside = new List<string>();
        foreach (var path in (string[])["../one", "/usr", ".", "", "a/cells", "a/../../one"])
            outside.Add((string)(await PostAsync(path).ProblemAsync(HttpStatusCode.BadRequest))["errors"]!["path"]![0]!);

        Assert.Equal(("path", 1, 1), ((string)dataset["source"]!, (int)dataset["version"]!, (int)again["version"]!));
        Assert.Equal("done", (string)evaluation["state"]!);
        Assert.Equal("The path \"../one\" is no folder below one of Serve:DatasetRoots.", outside[0]);
        Assert.All(outside, fault => Assert.EndsWith("below one of Serve:DatasetRoots.", fault));
    }

    [Fact]
    public async Task What_is_left_out_of_a_change_stays()
    {
        await PutAsync("cells", TestArchives.ZipOf(Folder.File("one")), "?description=first").JsonAsync(HttpStatusCode.Created);

        var shown = await Client.PatchAsJsonAsync("/v1/datasets/cells", new { visibility = "public" }, Token).JsonAsync();
        var told = await Client.PatchAsJsonAsync("/v1/datasets/cells", new { description = "second" }, Token).JsonAsync();
        var put = await PutAsync("cells", TestArchives.ZipOf(Folder.File("one"))).JsonAsync();
        var wrong = await Client.PatchAsJsonAsync("/v1/datasets/cells", new { visibility = "none" }, Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(("public", "first"), ((string)shown["visibility"]!, (string)shown["description"]!));
        Assert.Equal(("public", "second"), ((string)told["visibility"]!, (string)told["description"]!));
        Assert.Equal(("public", "second"), ((string)put["visibility"]!, (string)put["description"]!));
        Assert.Equal("The visibility is \"none\"; allowed: public, private.", wrong.Detail());
        await Client.PatchAsJsonAsync("/v1/datasets/none", new { visibility = "public" }, Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_page_of_another_site_changes_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/datasets/tiny") { Headers = { { "Origin", "http://elsewhere.example.org" } } };

        var problem = await Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.Forbidden);

        Assert.Equal("Pages of http://elsewhere.example.org cannot change the datasets of this server.", problem.Detail());
    }

    private Task<HttpResponseMessage> PutAsync(string name, byte[] archive, string query = "") => Client.PutAsync($"/v1/datasets/{name}{query}", new ByteArrayContent(archive), Token);

    private Task<HttpResponseMessage> PostAsync(string path) => Client.PostAsJsonAsync("/v1/datasets", new { name = "cells", path }, Token);

    private void AssertNoneIsLeftBehind()
    {
        var folder = Folder.File("workspace/datasets");
        Assert.Empty(Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, ".*") : []);
    }

    private static PaxTarEntry Zeroes(string name, int bytes) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[bytes]) };

    private static void WriteYolo(string folder, string config)
    {
        var seed = 0;
        foreach (var split in (string[])["train", "val"])
        {
            Directory.CreateDirectory(Path.Combine(folder, "images", split));
            Directory.CreateDirectory(Path.Combine(folder, "labels", split));
            File.WriteAllBytes(Path.Combine(folder, "images", split, $"{seed}.png"), TestPictures.Png(seed));
            File.WriteAllText(Path.Combine(folder, "labels", split, $"{seed++}.txt"), "0 0.5 0.5 0.2 0.2\n");
        }
        File.WriteAllText(Path.Combine(folder, "data.yaml"), config, new UTF8Encoding(false));
    }
}
