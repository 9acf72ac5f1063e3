using System.Diagnostics;
using System.Text;
using Serve.Cli.Bench;

namespace Serve.Cli.Tests.Bench;

public class LoadTests
{
    private static readonly ProcessUse NoUse = new(0, null, null, null, null, null);

    [Fact]
    public async Task A_closed_loop_sends_as_many_requests_as_asked_and_counts_what_fails_apart()
    {
        await using var server = new FakeServer(number => number % 4 == 0 ? FakeServer.Answer(503, "busy") : FakeServer.Answer(200, "{}"));
        using var folder = Pictures();
        var recorder = new LoadRecorder(1);

        await new Load(server.Address, Requests(server, folder)).ClosedAsync(3, TimeSpan.FromMinutes(1), 40, recorder, TestContext.Current.CancellationToken);

        var result = recorder.Result("3 clients", TimeSpan.FromSeconds(2), NoUse);
        Assert.Equal(40, server.Requests);
        Assert.InRange(server.Connections, 1, 3); // On a busy machine two may have done it all before the third begins.
        Assert.Equal(30, result.Requests);
        Assert.Equal(15, result.ImagesPerSecond);
        Assert.Equal(10, result.Errors["HTTP 503"]);
        Assert.StartsWith("HTTP 503: busy", recorder.FirstFault);
    }

    [Fact]
    public void Even_arrivals_have_one_distance_and_random_ones_that_of_a_poisson_process()
    {
        TimeSpan[] even = [.. Arrivals.Of(ArrivalKind.Even, 50, TimeSpan.FromSeconds(1), int.MaxValue, seed: 7)];
        TimeSpan[] random = [.. Arrivals.Of(ArrivalKind.Random, 50, TimeSpan.FromHours(1), 20_000, seed: 7)];
        double[] gaps = [.. random.Zip(random.Skip(1), (before, after) => (after - before).TotalSeconds)];
        var mean = gaps.Average();

        Assert.Equal([.. Enumerable.Range(1, 50).Select(i => TimeSpan.FromSeconds(i / 50.0))], even);
        Assert.Equal(20_000, random.Length);
        Assert.InRange(mean, 0.0195, 0.0205);
        // The deviation of an exponential distribution is its mean, and a gap is longer than that e^-1 of the time.
        Assert.InRange(Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean))) / mean, 0.97, 1.03);
        Assert.InRange(gaps.Count(gap => gap > mean) / (double)gaps.Length, 0.358, 0.378);
        Assert.Equal(random.Take(9), Arrivals.Of(ArrivalKind.Random, 50, (random[8] + random[9]) / 2, int.MaxValue, seed: 7));
    }

    [Fact]
    public async Task Requests_of_an_open_loop_arrive_at_the_rate_whatever_the_server_does()
    {
        var busy = 0;
        var most = 0;
        await using var server = new FakeServer(async (_, _) =>
        {
            var now = Interlocked.Increment(ref busy);
            InterlockedMax(ref most, now);
            await Task.Delay(300);
            Interlocked.Decrement(ref busy);
            return Encoding.ASCII.GetBytes(FakeServer.Answer(200, "{}"));
        });
        using var folder = Pictures();
        var recorder = new LoadRecorder(1);

        await new Load(server.Address, Requests(server, folder)).OpenAsync(Arrivals.Of(ArrivalKind.Random, 100, TimeSpan.FromMinutes(1), 100, 7), recorder, TestContext.Current.CancellationToken);

        // A loop that waited for answers would have one request under way; at 100 a second of 0.3 s each there are about thirty.
        Assert.Equal(100, server.Requests);
        Assert.InRange(most, 10, 100);
        Assert.NotNull(recorder.Result("", TimeSpan.FromSeconds(1), NoUse).MeanLateness);
    }

    [Fact]
    public async Task A_stall_of_the_server_is_charged_to_all_who_would_have_come_meanwhile()
    {
        // One connection's worth of service: each answer waits for the one before, and the first takes half a second.
        using var gate = new SemaphoreSlim(1);
        await using var server = new FakeServer(async (number, _) =>
        {
            await gate.WaitAsync();
            await Task.Delay(number == 1 ? 500 : 0);
            gate.Release();
            return Encoding.ASCII.GetBytes(FakeServer.Answer(200, "{}"));
        });
        using var folder = Pictures();
        var recorder = new LoadRecorder(1);

        await new Load(server.Address, Requests(server, folder)).OpenAsync(Arrivals.Of(ArrivalKind.Random, 100, TimeSpan.FromMinutes(1), 40, 7), recorder, TestContext.Current.CancellationToken);

        Assert.InRange(recorder.Result("", TimeSpan.FromSeconds(1), NoUse).Latency!.P50, 100, 10_000);
    }

    [Fact]
    public async Task A_loop_ends_soon_when_it_is_cancelled()
    {
        await using var server = new FakeServer(async (_, _) =>
        {
            await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
            return [];
        });
        using var folder = Pictures();
        using var cancel = new CancellationTokenSource(200);
        var recorder = new LoadRecorder(1);
        var watch = Stopwatch.StartNew();

        await new Load(server.Address, Requests(server, folder)).ClosedAsync(2, TimeSpan.FromMinutes(5), int.MaxValue, recorder, cancel.Token);

        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
        Assert.Equal(0, recorder.Count);
    }

    [Fact]
    public async Task Several_pictures_go_as_a_form_and_each_counts()
    {
        var heads = new List<string>();
        await using var server = new FakeServer((_, head) =>
        {
            lock (heads)
                heads.Add(head);
            return ValueTask.FromResult(Encoding.ASCII.GetBytes(FakeServer.Answer(200, "{}")));
        });
        using var folder = Pictures();
        var requests = PictureRequests.Several(new Uri(server.Address, "/v1/detect?model=m"), PictureRequests.Files(folder.Path), 8);
        var recorder = new LoadRecorder(requests.PicturesPerRequest);

        await new Load(server.Address, requests).ClosedAsync(1, TimeSpan.FromMinutes(1), 5, recorder, TestContext.Current.CancellationToken);

        Assert.Equal(40, recorder.Result("", TimeSpan.FromSeconds(1), NoUse).ImagesPerSecond);
        Assert.All(heads, head => Assert.StartsWith("POST /v1/detect?model=m HTTP/1.1", head));
        Assert.All(heads, head => Assert.Contains("multipart/form-data; boundary=", head));
    }

    private static PictureRequests Requests(FakeServer server, TemporaryFolder folder) => PictureRequests.Single(server.Address, PictureRequests.Files(folder.Path));

    private static TemporaryFolder Pictures()
    {
        var folder = TestFiles.NewFolder();
        foreach (var name in (string[])["a.jpg", "b.PNG", "not-a-picture.txt"])
            File.WriteAllText(folder.File(name), name);
        return folder;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = most) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
