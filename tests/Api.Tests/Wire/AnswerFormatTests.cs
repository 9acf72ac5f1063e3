using Microsoft.AspNetCore.Http;
using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.Tests.Wire;

public class AnswerFormatTests
{
    private static readonly string[] Types = ["application/json", "image/png", "image/jpeg", "image/webp"];

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("image/webp", "image/webp")]
    [InlineData("image/*", "image/png")]
    [InlineData("image/png, */*", "image/png")]
    [InlineData("image/avif, image/webp, */*;q=0.8", "image/webp")]
    [InlineData("image/png;q=0.2, application/json;q=0.9", "application/json")]
    [InlineData("image/*;q=0.9, image/png;q=0", "image/jpeg")]
    [InlineData("text/html, application/xhtml+xml, */*;q=0.1", "application/json")]
    public void Choose_takes_what_the_client_likes_best(string accept, string expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;

        Assert.Equal(expected, AnswerFormat.Choose(context.Request, Types));
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;q=0")]
    public void Choose_refuses_what_cannot_be_answered(string accept)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = accept;

        var fault = Assert.Throws<RequestRefusedException>(() => AnswerFormat.Choose(context.Request, Types));

        Assert.Equal(StatusCodes.Status406NotAcceptable, fault.Status);
    }
}
