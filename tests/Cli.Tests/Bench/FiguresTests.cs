using Serve.Cli.Bench;

namespace Serve.Cli.Tests.Bench;

public class FiguresTests
{
    [Fact]
    public void Percentiles_are_the_nearest_ranks()
    {
        var values = Enumerable.Range(1, 1000).Select(value => (double)value).Reverse().ToList();

        Assert.Equal(new Latencies(500.5, 500, 900, 950, 990, 999, 1000), Latencies.Of(values));
        Assert.Equal(new Latencies(7, 7, 7, 7, 7, 7, 7), Latencies.Of([7]));
        Assert.Equal(new Latencies(1.5, 1, 2, 2, 2, 2, 2), Latencies.Of([2, 1]));
        Assert.Null(Latencies.Of([]));
    }

    [Fact]
    public void Stages_are_read_from_an_answer_and_not_from_others()
    {
        var answer = """{"images":[{"detections":[{"category":"timings","decode":9}]}],"timings":{"decode":2.5,"queue":0.25,"preprocess":0.5,"infer":1e1,"postprocess":0,"total":13.5}}"""u8;

        Assert.Equal(new StageMeans(2.5, 0.25, 0.5, 10, 0, 13.5), StageMeans.Read(answer));
        Assert.Null(StageMeans.Read("""{"boxes":[]}"""u8));
        Assert.Null(StageMeans.Read("""{"timings":{"decode":1}}"""u8));
        Assert.Equal(new StageMeans(1, 2, 3, 4, 5, 6), (new StageMeans(1, 1, 1, 1, 1, 1) + new StageMeans(1, 3, 5, 7, 9, 11)) / 2);
    }

    [Fact]
    public async Task A_metric_is_summed_over_its_labels_and_is_not_taken_for_one_with_a_longer_name()
    {
        const string page = "# HELP bytes_total x\nbytes_total{a=\"1 } 2\"} 5\nbytes_total{a=\"2\"} 1.5e1 1700000000\nbytes_total_more 100\nother 3\n";
        await using var server = new FakeServer(_ => FakeServer.Answer(200, page));
        using var client = new HttpClient();
        var metrics = new MetricsPage(client, server.Address);

        Assert.Equal(20, await metrics.ReadAsync("bytes_total", TestContext.Current.CancellationToken));
        Assert.Equal(3, await metrics.ReadAsync("other", TestContext.Current.CancellationToken));
        Assert.Null(await metrics.ReadAsync("bytes", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_without_metrics_is_no_fault()
    {
        await using var server = new FakeServer(_ => FakeServer.Answer(404, ""));
        using var client = new HttpClient();

        Assert.Null(await new MetricsPage(client, server.Address).ReadAsync("x", TestContext.Current.CancellationToken));
    }
}
