using System.Net;
using Microsoft.AspNetCore.Http;
using Serve.Api.Limits;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Limits;

public class RateTests
{
    [Fact]
    public async Task A_client_over_its_rate_is_429_with_RetryAfter_and_others_are_not()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:Rate:PerSecond", "0.05"), ("Serve:Rate:Burst", "2"));

        HttpStatusCode[] first = [await DetectAsync("a"), await DetectAsync("a")];
        using var third = await SendAsync("a");
        HttpStatusCode[] others = [await DetectAsync("b"), await DetectAsync(null)];
        using var models = await server.Client.GetAsync("/v1/models", Token);

        Assert.All([.. first, .. others, models.StatusCode], status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.InRange(third.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        var problem = await Task.FromResult(third).ProblemAsync(HttpStatusCode.TooManyRequests);
        Assert.StartsWith("Too many requests: 0.05 a second are allowed, 2 at once. Try again in ", problem.Detail());

        async Task<HttpStatusCode> DetectAsync(string? key)
        {
            using var response = await SendAsync(key);
            return response.StatusCode;
        }

        async Task<HttpResponseMessage> SendAsync(string? key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect") { Content = DetectTests.Raw(TestPictures.Png()) };
            if (key is not null)
                request.Headers.Add("X-Api-Key", key);
            return await server.Client.SendAsync(request, Token);
        }
    }

    [Theory]
    [InlineData("X-Api-Key", "abc", "key abc")]
    [InlineData("X-Api-Key", "", "address 192.0.2.7")]
    [InlineData("", "abc", "address 192.0.2.7")]
    [InlineData("Authorization", "abc", "address 192.0.2.7")]
    public void The_key_is_the_headers_where_there_is_one_else_the_address(string header, string value, string key)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        context.Request.Headers["X-Api-Key"] = value;

        Assert.Equal(key, LimitsSetup.KeyOf(context, new RateOptions { KeyHeader = header }));
    }

    [Fact]
    public void A_key_of_any_length_is_not_kept()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.7");
        context.Request.Headers["X-Api-Key"] = new string('x', 1000);

        Assert.Equal("address 192.0.2.7", LimitsSetup.KeyOf(context, new RateOptions()));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
