using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Serve.Serving.Bench;

/// <summary>Fills a leaderboard of a running server: all submissions are sent as fast as they are taken, and waited for.</summary>
internal static class HostingLoad
{
    private const string Name = "hosting-load";
    private const int Senders = 4;

    /// <summary>Registers a dataset, makes a leaderboard, submits, waits, and checks the table that comes of it.</summary>
    /// <exception cref="InvalidOperationException">A submission was refused or failed, or the ranks contradict the numbers.</exception>
    public static async Task RunAsync(TextWriter output, Uri server, int submissions, int images, CancellationToken ct)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromMinutes(5) };
        var made = new MadeBenchmark(images);
        await Checked(client.PutAsync($"v1/datasets/{Name}?visibility=public", new ByteArrayContent(made.Archive()), ct), ct);
        await Checked(
            client.PostAsJsonAsync(
                "v1/leaderboards",
                new { name = Name, title = "Hosting under load", protocol = "coco-bbox", datasets = new[] { new { name = Name, split = "test" } }, submissionsPerDay = submissions },
                ct),
            ct);

        var watch = Stopwatch.StartNew();
        var (sent, bytes) = (0, 0L);
        await Parallel.ForEachAsync(Enumerable.Range(0, submissions), new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = ct }, async (number, stop) =>
        {
            var detections = made.Detections(number, (double)number / Math.Max(1, submissions - 1));
            using var form = new MultipartFormDataContent { { new StringContent(MethodOf(number)), "method" }, { new ByteArrayContent(detections), "detections", "detections.json.gz" } };
            await Checked(client.PostAsync($"v1/leaderboards/{Name}/submissions", form, stop), stop);
            Interlocked.Add(ref bytes, detections.Length);
            if (Interlocked.Increment(ref sent) % 100 == 0)
                await Console.Error.WriteLineAsync($"hosting: {sent} sent after {watch.Elapsed.TotalSeconds:0} s".AsMemory(), stop);
        });
        var queued = watch.Elapsed;
        var board = await FinishedAsync(client, submissions, watch, ct);
        var ended = watch.Elapsed;
        Check(board, submissions);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{submissions:N0} submissions of {images:N0} images with {made.Objects:N0} objects, {bytes / 1e6 / submissions:0.0} MB each compressed: all taken after {queued.TotalSeconds:0} s, all ranked after {ended.TotalSeconds:0} s ({submissions / ended.TotalSeconds:0.0} a second), no error; ranks 1 to {Rows(board).Max(row => row.GetProperty("rank").GetInt32())}."));
    }

    private static string MethodOf(int number) => $"method {number:0000}";

    private static async Task<JsonElement> FinishedAsync(HttpClient client, int submissions, Stopwatch watch, CancellationToken ct)
    {
        while (true)
        {
            var board = await client.GetFromJsonAsync<JsonElement>($"v1/leaderboards/{Name}", ct);
            var failed = await client.GetFromJsonAsync<JsonElement>($"v1/leaderboards/{Name}/submissions?state=failed", ct);
            if (failed.GetProperty("submissions").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } lost)
                throw new InvalidOperationException($"A submission failed: {lost}");
            var ranked = Rows(board).Count();
            if (ranked == submissions)
                return board;
            await Console.Error.WriteLineAsync($"hosting: {ranked} ranked after {watch.Elapsed.TotalSeconds:0} s".AsMemory(), ct);
            await Task.Delay(TimeSpan.FromSeconds(5), ct);
        }
    }

    private static IEnumerable<JsonElement> Rows(JsonElement board) => board.GetProperty("divisions").EnumerateArray().SelectMany(division => division.GetProperty("rows").EnumerateArray());

    /// <summary>Methods are worse from one to the next: ten of them, evenly spread, have to stand in this order, the best one first.</summary>
    private static void Check(JsonElement board, int submissions)
    {
        var rows = Rows(board).ToDictionary(row => row.GetProperty("method").GetString()!, row => (Rank: row.GetProperty("rank").GetInt32(), Value: row.GetProperty("headline").GetProperty("value").GetDouble()));
        var few = Math.Min(10, submissions);
        var picked = Enumerable.Range(0, few).Select(i => rows[MethodOf(i * (submissions - 1) / Math.Max(1, few - 1))]).ToArray();
        for (var i = 1; i < picked.Length; i++)
        {
            if (picked[i].Value >= picked[i - 1].Value || picked[i].Rank < picked[i - 1].Rank)
                throw new InvalidOperationException($"The table contradicts what was submitted: {string.Join(", ", picked)}.");
        }
        if (rows.Values.Min(row => row.Rank) != 1)
            throw new InvalidOperationException("Nobody is first.");
    }

    private static async Task Checked(Task<HttpResponseMessage> asked, CancellationToken ct)
    {
        using var answer = await asked;
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(ct)}");
    }
}
