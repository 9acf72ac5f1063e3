using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Tests.Access;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Datasets;

/// <summary>
/// What is derived from private annotations is told to their owner and administrators alone. The numbers of the dataset are such that nothing else in an answer is
/// like them.
/// </summary>
public sealed partial class WithholdingTests : KeyedServer
{
    private const int Light = 1031;
    private const int Dark = 1213;
    private const int FirstId = 770_000_001;
    private const string Picture = "/v1/datasets/secret/images/1?width=32";
    private const string Quote = "annotation id 770000001 has no segmentation";

    /// <summary>Every route of datasets and evaluations that answers something: a new one has to be asked here, too.</summary>
    private static readonly string[] Routes =
    [
        "/v1/datasets", "/v1/datasets/{name}", "/v1/datasets/{name}/versions", "/v1/datasets/{name}/statistics", "/v1/datasets/{name}/images", "/v1/datasets/{name}/images/{id}",
        "/v1/evaluations", "/v1/evaluations/{id}", "/v1/evaluations/{id}/events", "/v1/evaluations/{id}/report", "/v1/evaluations/{id}/gallery",
        "/v1/comparisons", "/v1/comparisons/{id}",
        "/v1/leaderboards", "/v1/leaderboards/{name}", "/v1/leaderboards/{name}/submissions", "/v1/leaderboards/{name}/submissions/{id}",
    ];

    [Fact]
    public async Task Readers_and_submitters_are_told_nothing_that_was_derived_from_private_annotations()
    {
        var (reader, submitter, host, other) = (await NewKeyAsync("eyes", "reader"), await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"), await NewKeyAsync("rival", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        string[] evaluations = [await EvaluateAsync(submitter, "coco-bbox"), await EvaluateAsync(submitter, "lvis-bbox"), await EvaluateAsync(submitter, "usb-m109s"), await FailedAsync("sender")];
        var comparison = await CompareAsync(submitter, evaluations[0], await EvaluateAsync(submitter, "coco-bbox", isRight: false));
        var submissions = await SubmissionsAsync(host, submitter);

        Assert.Equal(Routes.Order(StringComparer.Ordinal), AnsweringRoutes().Order(StringComparer.Ordinal));
        foreach (var path in Paths(evaluations, comparison, submissions))
        {
            foreach (var key in (string[])[reader, submitter, other])
                AssertTellsNothing(path, await TextAsync(path, key));
        }
        // The same answers to those who may see them hold what was looked for.
        foreach (var key in (string[])[host, Administrator])
        {
            var told = new List<string>();
            foreach (var path in Paths(evaluations, comparison, submissions))
            {
                if (Leak().IsMatch(await TextAsync(path, key)))
                    told.Add(path);
            }
            Assert.Equal(Paths(evaluations, comparison, submissions).Except(Harmless(evaluations, submissions)), told);
        }
    }

    [Fact]
    public async Task A_report_says_what_it_lacks_in_every_form_and_keeps_the_numbers()
    {
        var (submitter, host) = (await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        var evaluation = await EvaluateAsync(submitter, "usb-m109s");

        var all = await GetAsync($"{evaluation}/report", host).JsonAsync();
        var some = await GetAsync($"{evaluation}/report", submitter).JsonAsync();
        var document = await GetAsync(evaluation, submitter).JsonAsync();

        Assert.Equal(all["stats"]!.ToJsonString(), some["stats"]!.ToJsonString());
        Assert.Equal(all["perCategory"]!.AsArray().Select(category => (double?)category!["ap"]), some["perCategory"]!.AsArray().Select(category => (double?)category!["ap"]));
        Assert.Equal(["groundTruths", "detections", "perCategory.objects", "curves", "errors", "warnings", "intervals.estimates.resamples"], some["withheld"]!.AsArray().Select(name => (string)name!));
        Assert.Empty(all["withheld"]!.AsArray());
        Assert.All(all["intervals"]!["estimates"]!.AsArray(), estimate => Assert.NotNull((int?)estimate!["resamples"]));
        Assert.All(some["intervals"]!["estimates"]!.AsArray(), estimate => Assert.Null((int?)estimate!["resamples"]));
        Assert.Equal(all["intervals"]!["estimates"]![0]!["interval"]!.ToJsonString(), some["intervals"]!["estimates"]![0]!["interval"]!.ToJsonString());
        Assert.Empty(some["curves"]!.AsArray());
        Assert.Equal((Light + Dark, null), ((int)all["groundTruths"]!, (int?)some["groundTruths"]));
        // One image has no objects, which this protocol leaves out.
        Assert.Equal((5, 6), ((int)all["images"]!, (int)some["images"]!));
        Assert.Equal(some.ToJsonString(), document["report"]!.ToJsonString());
        foreach (var format in (string[])["html", "markdown"])
            Assert.Contains("Withheld, because the annotations are private: groundTruths, detections, perCategory.objects, curves, errors, warnings, intervals.estimates.resamples.", await TextAsync($"{evaluation}/report?format={format}", submitter));
    }

    [Fact]
    public async Task Images_and_galleries_say_what_they_lack()
    {
        var (submitter, host) = (await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        var evaluation = await EvaluateAsync(submitter, "coco-bbox");

        var images = await GetAsync("/v1/datasets/secret/images", submitter).JsonAsync();
        var all = await GetAsync("/v1/datasets/secret/images", host).JsonAsync();
        var gallery = await GetAsync($"{evaluation}/gallery", submitter).JsonAsync();

        Assert.Equal(["images.annotations"], images["withheld"]!.AsArray().Select(name => (string)name!));
        Assert.Equal([1, 2, 3, 4, 5, 6], images["images"]!.AsArray().Select(image => (int)image!["id"]!));
        Assert.All(images["images"]!.AsArray(), image => Assert.Null(image!["annotations"]));
        Assert.Equal(Light + Dark, all["images"]!.AsArray().Sum(image => image!["annotations"]!.AsArray().Count));
        Assert.Equal(["images", "total", "iouThreshold", "scoreThreshold"], gallery["withheld"]!.AsArray().Select(name => (string)name!));
        Assert.Empty(gallery["images"]!.AsArray());
        Assert.Null(gallery["total"]);
        Assert.Null(gallery["scoreThreshold"]);
    }

    [Fact]
    public async Task A_refusal_quotes_no_annotation_and_is_the_same_whatever_they_are()
    {
        var (submitter, host) = (await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        var request = new { dataset = "secret", protocol = "coco-segm", detections = new[] { new { image_id = 99, category_id = 1, bbox = new[] { 1, 2, 3, 4 }, score = 0.5 } } };

        var told = await PostAsync(host, request).ProblemAsync(HttpStatusCode.BadRequest);
        var withheld = await PostAsync(submitter, request).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Contains(Quote, told.Detail());
        AssertTellsNothing("the refusal", withheld.ToJsonString());
        Assert.Equal(
            "What went wrong is withheld, because the annotations of the dataset \"secret\" are private; its owner can read it.", (string)withheld["errors"]!["dataset"]![0]!);
    }

    [Fact]
    public async Task The_owner_opens_and_closes_a_dataset_and_nobody_else_does()
    {
        var (submitter, host, other) = (await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"), await NewKeyAsync("rival", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        var evaluation = await EvaluateAsync(submitter, "coco-bbox");

        foreach (var (method, content) in new (HttpMethod, HttpContent?)[]
        {
            (HttpMethod.Patch, JsonContent.Create(new { visibility = "public" })), (HttpMethod.Put, new ByteArrayContent(Archive())), (HttpMethod.Delete, null),
        })
        {
            var refused = await SendAsync(method, "/v1/datasets/secret", other, content).ProblemAsync(HttpStatusCode.Forbidden);
            Assert.Equal("Dataset \"secret\" is host's: only host and administrators change it.", refused.Detail());
        }
        var tiny = await SendAsync(HttpMethod.Patch, "/v1/datasets/tiny", other, JsonContent.Create(new { visibility = "private" })).ProblemAsync(HttpStatusCode.Forbidden);
        await SendAsync(HttpMethod.Patch, "/v1/datasets/secret", host, JsonContent.Create(new { visibility = "public" })).JsonAsync();
        var opened = await TextAsync($"{evaluation}/report", submitter);
        await SendAsync(HttpMethod.Patch, "/v1/datasets/secret", Administrator, JsonContent.Create(new { visibility = "private" })).JsonAsync();
        var closed = await TextAsync($"{evaluation}/report", submitter);

        Assert.Equal("Dataset \"tiny\" belongs to whoever runs the server: only administrators change it.", tiny.Detail());
        Assert.Matches(Leak(), opened);
        AssertTellsNothing("the report", closed);
    }

    [Fact]
    public async Task What_was_private_stays_so_when_the_dataset_is_deleted_and_its_name_is_anothers()
    {
        var (submitter, host, other) = (await NewKeyAsync("sender", "submitter"), await NewKeyAsync("host", "host"), await NewKeyAsync("rival", "host"));
        await PutAsync(host, "private").JsonAsync(HttpStatusCode.Created);
        var evaluation = await EvaluateAsync(submitter, "coco-bbox");

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/v1/datasets/secret", host));
        var deleted = await TextAsync($"{evaluation}/report", submitter);
        await SendAsync(HttpMethod.Put, "/v1/datasets/secret?visibility=public", other, new ByteArrayContent(Archive(dark: 3))).JsonAsync(HttpStatusCode.Created);
        var taken = await TextAsync($"{evaluation}/report", submitter);

        AssertTellsNothing("the report", deleted);
        AssertTellsNothing("the report", taken);
        AssertTellsNothing("the report", await TextAsync($"{evaluation}/report", other));
        Assert.Matches(Leak(), await TextAsync($"{evaluation}/report", Administrator));
    }

    [Fact]
    public async Task A_dataset_of_the_data_folder_can_be_closed_by_an_administrator()
    {
        var submitter = await NewKeyAsync("sender", "submitter");

        await SendAsync(HttpMethod.Patch, "/v1/datasets/tiny", Administrator, JsonContent.Create(new { visibility = "private" })).JsonAsync();
        var dataset = await GetAsync("/v1/datasets/tiny", submitter).JsonAsync();
        var file = Folder.File("data/tiny/annotations/instances_test.json");
        await File.WriteAllTextAsync(file, await File.ReadAllTextAsync(file, Token) + " ", Token);
        var changed = await GetAsync("/v1/datasets/tiny", submitter).JsonAsync();

        Assert.Null((int?)dataset["splits"]![0]!["annotations"]);
        Assert.Equal(["splits.annotations", "splits.fault", "checks"], dataset["withheld"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(("private", 2), ((string)changed["visibility"]!, (int)changed["version"]!));
        var statistics = await GetAsync("/v1/datasets/tiny/statistics", submitter).JsonAsync();
        Assert.Empty(statistics["splits"]!.AsArray());
        Assert.Equal("splits", (string)statistics["withheld"]![0]!);
    }

    /// <summary>Every way to ask each of the routes.</summary>
    private static List<string> Paths(string[] evaluations, string comparison, string[] submissions)
    {
        List<string> paths =
        [
            "/v1/datasets", "/v1/datasets/secret", "/v1/datasets/secret/versions", "/v1/datasets/secret/statistics", "/v1/datasets/secret/images", Picture, "/v1/evaluations",
        ];
        foreach (var evaluation in evaluations)
        {
            paths.AddRange([evaluation, $"{evaluation}/events", $"{evaluation}/report", $"{evaluation}/gallery", $"{evaluation}/gallery?kind=missed&category=light"]);
            paths.AddRange(((string[])["html", "csv", "markdown"]).Select(format => $"{evaluation}/report?format={format}"));
        }
        paths.AddRange(["/v1/comparisons", comparison, $"{comparison}?format=html"]);
        paths.AddRange(["/v1/leaderboards", "/v1/leaderboards/hidden", "/v1/leaderboards/hidden/submissions", .. submissions]);
        return paths;
    }

    /// <summary>
    /// Answers that tell nothing of annotations to anybody: how an evaluation that succeeded went on, a picture, which comparisons there are, and leaderboards with what is
    /// done.
    /// </summary>
    private static IEnumerable<string> Harmless(string[] evaluations, string[] submissions)
        => evaluations.SkipLast(1).Select(evaluation => $"{evaluation}/events").Concat([Picture, "/v1/comparisons", "/v1/leaderboards", "/v1/leaderboards/hidden", submissions[0]]);

    private IEnumerable<string> AnsweringRoutes() => Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
        .Select(route => $"/{route.RoutePattern.RawText!.Trim('/')}")
        .Where(route => route.StartsWith("/v1/datasets", StringComparison.Ordinal) || route.StartsWith("/v1/evaluations", StringComparison.Ordinal)
            || route.StartsWith("/v1/comparisons", StringComparison.Ordinal) || route.StartsWith("/v1/leaderboards", StringComparison.Ordinal));

    private static void AssertTellsNothing(string path, string text)
        => Assert.True(!Leak().IsMatch(text) && !text.Contains("\"scores\"", StringComparison.Ordinal) && !text.Contains("\"confusion\":{", StringComparison.Ordinal), $"{path} tells {Leak().Match(text)}: {text}");

    private async Task<string> TextAsync(string path, string key)
    {
        using var response = await GetAsync(path, key);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private Task<HttpResponseMessage> PutAsync(string key, string visibility)
        => SendAsync(HttpMethod.Put, $"/v1/datasets/secret?visibility={visibility}", key, new ByteArrayContent(Archive()));

    private Task<HttpResponseMessage> PostAsync(string key, object request) => SendAsync(HttpMethod.Post, "/v1/evaluations", key, JsonContent.Create(request));

    /// <summary>Two submissions to a leaderboard: one that is done, and one that failed with a text that quotes an annotation.</summary>
    private async Task<string[]> SubmissionsAsync(string host, string submitter)
    {
        const string address = "/v1/leaderboards/hidden/submissions";
        await SendAsync(HttpMethod.Post, "/v1/leaderboards", host, JsonContent.Create(new { name = "hidden", datasets = new[] { new { name = "secret" } } })).JsonAsync(HttpStatusCode.Created);
        var detections = new Dictionary<string, object> { ["secret"] = new[] { new { image_id = 1, category_id = 1, bbox = new[] { 0, 0, 10, 10 }, score = 0.75 } } };
        var done = await SendAsync(HttpMethod.Post, address, submitter, JsonContent.Create(new { method = "ours", detections })).JsonAsync(HttpStatusCode.Accepted);
        while ((string)(await GetAsync($"{address}/{done["id"]}", submitter).JsonAsync())["state"]! != "done")
            await Task.Delay(20, Token);
        var hash = (string)(await GetAsync("/v1/datasets/secret", Administrator).JsonAsync())["contentHash"]!;
        var evaluation = new EvaluationRow
        {
            Id = "lost",
            Owner = "sender",
            Dataset = "secret",
            Split = "test",
            DatasetHash = "hash",
            DatasetVersionHash = hash,
            Protocol = "coco-bbox",
            CreatedAt = DateTime.UtcNow,
        };
        await Server.Services.GetRequiredService<SubmissionStore>().AddAsync(
            new() { Id = "lost", Leaderboard = "hidden", Method = "lost", Submitter = "sender", Kind = SubmissionKind.Detections, SubmittedAt = DateTime.UtcNow }, [new(evaluation, [])], Token);
        await Server.Services.GetRequiredService<EvaluationStore>().FailAsync("lost", $"secret/test: {Quote}.", Token);
        return [$"{address}/{done["id"]}", $"{address}/lost"];
    }

    /// <summary>Compares two evaluations.</summary>
    private async Task<string> CompareAsync(string key, string first, string second)
    {
        using var response = await SendAsync(HttpMethod.Post, "/v1/comparisons", key, JsonContent.Create(new { evaluations = new[] { first.Split('/')[^1], second.Split('/')[^1] }, resamples = 20, permutations = 20 }));
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.Created, body);
        AssertTellsNothing("the comparison", body);
        Assert.Contains("\"withheld\":[\"comparison.warnings\",\"comparison.numbers.resamples\",\"images\"]", body);
        return response.Headers.Location!.OriginalString;
    }

    /// <summary>Evaluates two detections, one of which is right unless none is to be.</summary>
    private async Task<string> EvaluateAsync(string key, string protocol, bool isRight = true)
    {
        object[] detections =
        [
            new { image_id = 1, category_id = 1, bbox = isRight ? new[] { 0, 0, 10, 10 } : [60, 40, 2, 2], score = 0.75 },
            new { image_id = 1, category_id = 2, bbox = new[] { 40, 30, 3, 3 }, score = 0.5 },
        ];
        using var response = await PostAsync(key, new { dataset = "secret", protocol, detections });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var address = response.Headers.Location!.OriginalString;
        for (var document = await GetAsync(address, key).JsonAsync(); (string)document["state"]! != "done"; document = await GetAsync(address, key).JsonAsync())
        {
            Assert.True((string)document["state"]! is "queued" or "running", document.ToJsonString());
            await Task.Delay(20, Token);
        }
        return address;
    }

    /// <summary>An evaluation that failed with a text that quotes an annotation.</summary>
    private async Task<string> FailedAsync(string owner)
    {
        var store = Server.Services.GetRequiredService<EvaluationStore>();
        var hash = (string)(await GetAsync("/v1/datasets/secret", Administrator).JsonAsync())["contentHash"]!;
        await store.AddAsync(
            new EvaluationRow
            {
                Id = "failed",
                Owner = owner,
                Dataset = "secret",
                Split = "test",
                DatasetHash = "hash",
                DatasetVersionHash = hash,
                Model = "shapes",
                ModelVersion = 1,
                Protocol = "coco-bbox",
                CreatedAt = DateTime.UtcNow,
                Images = 6,
            },
            submitted: null, Token);
        await store.TellRetryAsync("failed", 0, Quote, 1, TimeSpan.FromSeconds(1), Token);
        await store.FailAsync("failed", $"secret/test: {Quote}.", Token);
        return "/v1/evaluations/failed";
    }

    /// <summary>Six pictures, the last without objects. Ids of annotations and counts of objects occur nowhere else.</summary>
    private static byte[] Archive(int dark = Dark)
    {
        var objects = Enumerable.Range(0, Light + dark).Select(i => new
        {
            id = FirstId + i,
            image_id = 1 + (i % 5),
            category_id = i < Light ? 1 : 2,
            bbox = new[] { i == 0 ? 0 : i % 40, i == 0 ? 0 : i / 40 % 30, 10, 10 + (i / 1200) },
            area = 10 * (10 + (i / 1200)),
            iscrowd = 0,
        });
        var json = JsonSerializer.Serialize(new
        {
            images = Enumerable.Range(1, 6).Select(id => new { id, file_name = $"{id}.png", width = 64, height = 48 }),
            categories = new[] { new { id = 1, name = "light", frequency = "f" }, new { id = 2, name = "dark", frequency = "c" } },
            annotations = objects,
        });
        return TestArchives.Zip(("annotations/instances_test.json", json));
    }

    // Counts of objects, in all and of each category and image; ids of annotations.
    [GeneratedRegex(@"\b(2244|2,244|1031|1,031|1213|1,213|449|448|77000\d{4})\b")]
    private static partial Regex Leak();
}
