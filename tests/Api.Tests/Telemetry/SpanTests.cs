using System.Collections.Concurrent;
using System.Diagnostics;
using Serve.Api.Telemetry;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Telemetry;

public class SpanTests(ServeFixture serve)
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string ParentId = "00f067aa0ba902b7";

    [Fact]
    public async Task Stages_are_spans_inside_the_request_of_the_clients_trace()
    {
        var ended = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or StageSpans.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId.ToHexString() == TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect") { Content = DetectTests.Raw(TestPictures.Png()), Headers = { { "traceparent", $"00-{TraceId}-{ParentId}-01" } } };

        await serve.Client.SendAsync(request, TestContext.Current.CancellationToken).JsonAsync();

        // The request's own span ends after its answer has gone.
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (!ended.Any(span => span.ParentSpanId.ToHexString() == ParentId) && DateTime.UtcNow < deadline)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        var mine = ended.Where(span => span.TraceId.ToHexString() == TraceId).ToList();
        var http = Assert.Single(mine, span => span.ParentSpanId.ToHexString() == ParentId);
        var detect = Assert.Single(mine, span => span.OperationName == "detect");
        var stages = mine.Where(span => span.ParentSpanId == detect.SpanId).OrderBy(span => span.StartTimeUtc).ThenBy(span => span.Duration).ToList();
        Assert.Equal(http.SpanId, detect.ParentSpanId);
        Assert.Equal("shapes", detect.GetTagItem("serve.model"));
        Assert.Equal(["decode", "infer", "postprocess", "preprocess", "queue"], stages.Select(span => span.OperationName).Order());
        Assert.All(stages, span => Assert.InRange(span.StartTimeUtc, detect.StartTimeUtc.AddMilliseconds(-1), (detect.StartTimeUtc + detect.Duration).AddMilliseconds(1)));
        Assert.InRange(stages.Sum(span => span.Duration.TotalMilliseconds), 0, detect.Duration.TotalMilliseconds + 1);
    }
}
