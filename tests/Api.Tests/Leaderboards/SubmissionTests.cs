using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Storage;
using Serve.Api.Tests.Support;
using Serve.Eval.Statistics;

namespace Serve.Api.Tests.Leaderboards;

public sealed class SubmissionTests : BoardServer
{
    [Fact]
    public async Task Methods_rank_by_how_many_are_significantly_better()
    {
        await OpenAsync();
        var submissions = new List<JsonNode>();
        foreach (var (key, method, right) in new[] { (Alice, "best", 24), (Alice, "good", 22), (Bob, "also good", 21), (Bob, "bad", 8), (Bob, "none", 0) })
            submissions.Add(await SubmitAsync(key, method, right));
        foreach (var submission in submissions)
            await WaitAsync(Administrator, submission);

        var rows = await RowsAsync();
        var board = await GetAsync(Board, Reader).JsonAsync();

        var samples = await SamplesAsync(rows.Select(row => (string)row["datasets"]![0]!["evaluation"]!));
        Assert.Equal(samples.Select(own => 1 + samples.Count(other => IsBetter(other, own))), rows.Select(row => (int)row["rank"]!));
        Assert.InRange(rows.Select(row => (int)row["rank"]!).Distinct().Count(), 2, 5);
        Assert.Equal(rows.OrderBy(row => (int)row["rank"]!).ThenByDescending(row => (double)row["headline"]!["value"]!), rows);
        Assert.Equal(
            [("also good", "bob"), ("bad", "bob"), ("best", "alice"), ("good", "alice"), ("none", "bob")],
            rows.Select(row => ((string)row["method"]!, (string)row["submitter"]!)).Order());
        Assert.All((string[])["value", "lower", "upper"], end => Assert.Equal(1.0, (double)rows[0]["headline"]![end]!, 9));
        Assert.True((double)rows[1]["headline"]!["lower"]! < (double)rows[1]["headline"]!["value"]!);
        Assert.Equal(12, rows[0]["metrics"]!.AsObject().Count);
        Assert.Equal(rows[0]["metrics"]!.AsObject().Select(number => number.Key), board["metrics"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((5, "best", 1.0), ((int)board["submissions"]!, (string)board["best"]!["method"]!, Math.Round((double)board["best"]!["value"]!, 9)));
        Assert.Equal(("detections", null, false, null), ((string)rows[0]["kind"]!, rows[0]["model"], (bool)rows[0]["declared"]!, rows[0]["division"]));
    }

    [Fact]
    public async Task The_newest_of_a_method_counts_and_the_others_are_its_history()
    {
        await OpenAsync();
        var first = await DoneAsync(Alice, "ours", right: 20);
        var second = await DoneAsync(Alice, "ours", right: 10);
        await DoneAsync(Bob, "ours", right: 15);

        var rows = await RowsAsync();
        await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{second["id"]}", Alice).JsonAsync();
        var after = await RowsAsync();

        Assert.Equal([("bob", 0), ("alice", 1)], rows.Select(row => ((string)row["submitter"]!, row["history"]!.AsArray().Count)));
        var earlier = rows[1]["history"]![0]!;
        Assert.Equal(((string)first["id"]!, (double)first["headline"]!["value"]!), ((string)earlier["submission"]!, (double)earlier["headline"]!["value"]!));
        Assert.Equal([("alice", (string)first["id"]!), ("bob", null)], after.Select(row => ((string)row["submitter"]!, (string)row["submitter"]! == "alice" ? (string)row["submission"]! : null)));
    }

    [Fact]
    public async Task Of_several_datasets_the_mean_counts()
    {
        await OpenAsync(submissionsPerDay: 5, "first", "second");
        using var form = new MultipartFormDataContent { { new StringContent("both"), "method" }, { new StringContent("text"), "description" } };
        form.Add(new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(Detections(24))), "detections.first", "a.json");
        form.Add(new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(Detections(12))), "detections.second", "b.json");

        var submitted = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, form).JsonAsync(HttpStatusCode.Accepted);
        var done = await WaitAsync(Alice, submitted);
        var row = Assert.Single(await RowsAsync());

        Assert.Equal([("first", "test"), ("second", "test")], done["evaluations"]!.AsArray().Select(one => ((string)one!["dataset"]!, (string)one["split"]!)));
        Assert.Equal(("both", "text", 1.0), ((string)done["method"]!, (string)done["description"]!, (double)done["progress"]!));
        var values = row["datasets"]!.AsArray().Select(one => (double)one!["value"]!).ToList();
        Assert.Equal(values.Average(), (double)row["headline"]!["value"]!, 12);
        Assert.Equal((double)row["headline"]!["value"]!, (double)row["metrics"]!["AP"]!, 12);
        var samples = await SamplesAsync(row["datasets"]!.AsArray().Select(one => (string)one!["evaluation"]!));
        Assert.Equal(NumberSamples.Mean(samples).Interval(0.95)!.Lower, (double)row["headline"]!["lower"]!);
        Assert.Equal(done["headline"]!.ToJsonString(), row["headline"]!.ToJsonString());
        Assert.Equal((5, 1, 4), ((int)submitted["quota"]!["limit"]!, (int)submitted["quota"]!["used"]!, (int)submitted["quota"]!["remaining"]!));
        Assert.Null(done["quota"]);
    }

    [Fact]
    public async Task A_served_model_is_run_on_each_dataset()
    {
        await OpenAsync(submissionsPerDay: 5, "first", "second");

        var done = await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "served", model = "shapes", version = 1 }));

        Assert.Equal(("done", "model", "shapes", 1), ((string)done["state"]!, (string)done["kind"]!, (string)done["model"]!, (int)done["modelVersion"]!));
        var row = Assert.Single(await RowsAsync());
        Assert.Equal(("shapes", 1, 1), ((string)row["model"]!, (int)row["modelVersion"]!, (int)row["rank"]!));
    }

    [Fact]
    public async Task Accuracy_and_latency_stand_side_by_side_and_the_front_is_marked()
    {
        TestModel.WriteSlow(Folder.File("models"), "slow", version: 1);
        Server.Services.GetRequiredService<Inference.Repository.ModelRepository>().Refresh();
        await OpenAsync();
        await DoneAsync(Bob, "detections", right: 24);
        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "fast", model = "shapes" }));
        await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "slow", model = "slow" }));

        var rows = (await RowsAsync()).ToDictionary(row => (string)row["method"]!);

        Assert.Null(rows["detections"]["latency"]);
        Assert.True((double)rows["fast"]["latency"]!["p50Ms"]! < (double)rows["slow"]["latency"]!["p50Ms"]!);
        Assert.Equal((Images, "cpu"), ((int)rows["fast"]["latency"]!["images"]!, (string)rows["fast"]["latency"]!["provider"]!));
        // As accurate, and slower: what has no latency is on no front.
        Assert.Equal([("detections", false), ("fast", true), ("slow", false)], rows.Select(row => (row.Key, (bool)row.Value["isPareto"]!)).Order());
    }

    [Fact]
    public async Task What_is_wrong_with_a_submission_is_told_at_once_and_costs_nothing()
    {
        await OpenAsync(submissionsPerDay: 5, "first", "second");
        var unknownImage = new[] { new { image_id = 99, category_id = 1, bbox = new[] { 1, 2, 3, 4 }, score = 0.5 } };

        var wrong = await RefusedAsync(new { description = new string('x', 5000), division = "Standard", detections = new Dictionary<string, object> { ["first"] = unknownImage, ["third"] = unknownImage } });
        var nothing = await RefusedAsync(new { method = "m" });
        var model = await RefusedAsync(new { method = "m", model = "none", detections = new Dictionary<string, object> { ["first"] = unknownImage } });
        using var form = new MultipartFormDataContent { { new StringContent("m"), "metod" } };
        form.Add(new ByteArrayContent([]), "detections", "a.json");
        form.Add(new ByteArrayContent([]), "result", "b.json");
        var shape = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, form).ProblemAsync(HttpStatusCode.BadRequest);
        var text = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, new StringContent("m")).ProblemAsync(HttpStatusCode.UnsupportedMediaType);

        Assert.Equal(["description", "detections.first", "detections.second", "detections.third", "division", "method"], wrong["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.Equal("detections[0]: \"image_id\" is 99, which is not an image of the dataset (24 images).", (string)wrong["errors"]!["detections.first"]![0]!);
        Assert.Equal("There are no detections of the dataset \"second\"; they may be an empty list.", (string)wrong["errors"]!["detections.second"]![0]!);
        Assert.Equal("\"third\" is not a dataset of this leaderboard. Its datasets: first, second.", (string)wrong["errors"]!["detections.third"]![0]!);
        Assert.Equal("Either \"model\" (the name of one of this server), \"detections\" or a file \"model\" (ONNX) must be given.", (string)nothing["errors"]!["model"]![0]!);
        Assert.Equal("Only one of \"model\" (the name of one of this server), \"detections\" or a file \"model\" (ONNX) can be given.", (string)model["errors"]!["model"]![0]!);
        Assert.Equal(["detections", "metod", "result"], shape["errors"]!.AsObject().Select(fault => fault.Key));
        Assert.All((JsonNode[])[wrong, nothing, model, shape, text], problem => Assert.Equal((5, 5), ((int)problem["quota"]!["limit"]!, (int)problem["quota"]!["remaining"]!)));
        Assert.Equal(0, (int)(await GetAsync($"{Board}/submissions", Alice).JsonAsync())["total"]!);
    }

    [Fact]
    public async Task A_days_quota_is_not_overdrawn_by_many_at_once_and_withdrawing_gives_none_back()
    {
        await OpenAsync(submissionsPerDay: 3);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => SendAsync(
            HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(new { method = $"m{i}", detections = new Dictionary<string, object> { ["first"] = Detections(i) } }))));
        var own = (await GetAsync($"{Board}/submissions?mine=true", Alice).JsonAsync())["submissions"]!.AsArray();
        await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{own[0]!["id"]}", Alice).JsonAsync();
        using var spent = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(new { method = "m", model = "shapes" }));
        var problem = JsonNode.Parse(await spent.Content.ReadAsStringAsync(Token))!;

        Assert.Equal((3, 5), (answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests)));
        Assert.Equal(3, own.Count);
        Assert.Equal(HttpStatusCode.TooManyRequests, spent.StatusCode);
        Assert.InRange(spent.Headers.RetryAfter!.Delta!.Value, TimeSpan.Zero, TimeSpan.FromDays(1));
        Assert.Equal((3, 3, 0), ((int)problem["quota"]!["limit"]!, (int)problem["quota"]!["used"]!, (int)problem["quota"]!["remaining"]!));
        Assert.StartsWith("Leaderboard \"board\" takes 3 submissions of a submitter in a day; the next day begins at ", problem.Detail());
        // The quota is a submitter's own.
        await SubmitAsync(Bob, "theirs", right: 3);
        foreach (var answer in answers)
            answer.Dispose();
    }

    [Fact]
    public async Task The_same_request_again_submits_once()
    {
        await OpenAsync();
        var body = new { method = "once", detections = new Dictionary<string, object> { ["first"] = Detections(5) } };

        var first = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(body), ("Idempotency-Key", "a")).JsonAsync(HttpStatusCode.Accepted);
        using var again = await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(body), ("Idempotency-Key", "a"));

        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal((string)first["id"]!, (string)JsonNode.Parse(await again.Content.ReadAsStringAsync(Token))!["id"]!);
        Assert.Equal(1, (int)(await GetAsync(Board, Alice).JsonAsync())["yourQuota"]!["used"]!);
    }

    [Fact]
    public async Task A_submission_is_withdrawn_by_its_submitter_or_the_host_and_what_runs_is_cancelled()
    {
        TestModel.WriteSlow(Folder.File("models"), "slow", version: 1);
        Server.Services.GetRequiredService<Inference.Repository.ModelRepository>().Refresh();
        await OpenAsync();
        var done = await DoneAsync(Alice, "done", right: 9);
        var running = await SubmitAsync(Alice, new { method = "slow", model = "slow" });

        var foreign = await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{done["id"]}", Bob).ProblemAsync(HttpStatusCode.Forbidden);
        var hidden = await GetAsync($"{Board}/submissions/{running["id"]}", Bob).ProblemAsync(HttpStatusCode.NotFound);
        var waiting = (await GetAsync(Board, Alice).JsonAsync())["waiting"]!.AsArray().Count;
        var withdrawn = await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{running["id"]}", Alice).JsonAsync();
        await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{done["id"]}", Host).JsonAsync();
        var again = await SendAsync(HttpMethod.Delete, $"{Board}/submissions/{done["id"]}", Host).JsonAsync();

        Assert.Equal($"Submission {done["id"]} is alice's: only alice, host and administrators withdraw it.", foreign.Detail());
        Assert.Equal($"Leaderboard \"board\" has no submission \"{running["id"]}\" that you may see.", hidden.Detail());
        Assert.InRange(waiting, 0, 1);
        Assert.Equal("withdrawn", (string)withdrawn["state"]!);
        var evaluation = await GetAsync($"/v1/evaluations/{withdrawn["evaluations"]![0]!["id"]}", Alice).JsonAsync();
        Assert.Contains((string)evaluation["state"]!, (string[])["cancelled", "done"]);
        Assert.Equal("withdrawn", (string)again["state"]!);
        Assert.Empty(await RowsAsync());
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"{Board}/submissions/{done["id"]}", Bob));
        Assert.Equal(2, (int)(await GetAsync($"{Board}/submissions?state=withdrawn", Alice).JsonAsync())["total"]!);
        Assert.Equal(0, (int)(await GetAsync($"{Board}/submissions", Reader).JsonAsync())["total"]!);
        var audit = await GetAsync("/v1/audit", Administrator).JsonAsync();
        Assert.Contains(audit["entries"]!.AsArray(), entry => (string)entry!["method"]! == "DELETE" && (string)entry["target"]! == $"{Board}/submissions/{running["id"]}");
    }

    [Fact]
    public async Task A_submission_whose_evaluation_fails_is_failed_and_counts()
    {
        await OpenAsync();
        TestModel.Write(Folder.File("models"), "leaving", version: 1);
        var models = Server.Services.GetRequiredService<Inference.Repository.ModelRepository>();
        models.Refresh();
        File.WriteAllText(Folder.File("data/first/images/3.png"), "no picture");

        var failed = await WaitAsync(Alice, await SubmitAsync(Alice, new { method = "m", model = "leaving" }));

        Assert.Equal("failed", (string)failed["state"]!);
        Assert.StartsWith("first/test: ", (string)failed["error"]!);
        Assert.NotNull(failed["finishedAt"]);
        Assert.Empty(await RowsAsync());
        Assert.Equal(1, (int)(await GetAsync(Board, Alice).JsonAsync())["yourQuota"]!["used"]!);
    }

    private async Task<JsonNode> RefusedAsync(object request)
        => await SendAsync(HttpMethod.Post, $"{Board}/submissions", Alice, JsonContent.Create(request)).ProblemAsync(HttpStatusCode.BadRequest);

    private async Task<List<NumberSamples>> SamplesAsync(IEnumerable<string> evaluations)
    {
        await using var db = await Server.Services.GetRequiredService<DatabaseFactory>().CreateDbContextAsync(Token);
        var samples = new List<NumberSamples>();
        foreach (var id in evaluations)
            samples.Add(NumberSamples.FromBytes((await db.Scores.AsNoTracking().SingleAsync(row => row.EvaluationId == id, Token)).Samples));
        return samples;
    }

    /// <summary>The lower end of the difference's interval lies above 0: percentiles of the resampled differences, moved so that their mean is the difference.</summary>
    private static bool IsBetter(NumberSamples better, NumberSamples worse)
    {
        double[] differences = [.. better.Resampled.Zip(worse.Resampled, (first, second) => first - second).Order()];
        var place = ((differences.Length + 1) * 0.025) - 1;
        var quantile = differences[(int)place] + ((place - (int)place) * (differences[(int)place + 1] - differences[(int)place]));
        return better.Value > worse.Value && quantile - differences.Average() + (better.Value - worse.Value) > 0;
    }
}
