using System.Text;
using Serve.Cli.Bench;

namespace Serve.Cli.Tests.Bench;

public class HttpConnectionTests
{
    private static readonly byte[] Request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"u8.ToArray();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nRetry-After: 1\r\n\r\n", 503, "")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200, "hello")]
    [InlineData("HTTP/1.1 204 None\r\n\r\n", 204, "")]
    public async Task An_answer_is_read_whole_and_the_connection_is_used_again(string answer, int status, string body)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new FakeServer(_ => answer);
        using var connection = new HttpConnection(server.Address);

        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(status, await connection.SendAsync(Request, ct));
            Assert.Equal(body, Encoding.UTF8.GetString(connection.Body.Span));
        }

        Assert.Equal(1, server.Connections);
        Assert.Equal(3, server.Requests);
    }

    [Fact]
    public async Task A_long_answer_in_chunks_is_put_together()
    {
        var ct = TestContext.Current.CancellationToken;
        var parts = Enumerable.Range(0, 50).Select(part => new string((char)('a' + part % 26), 1 + 4099 * (part % 7))).ToArray();
        await using var server = new FakeServer(_ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + string.Concat(parts.Select(part => $"{part.Length:x}\r\n{part}\r\n")) + "0\r\n\r\n");
        using var connection = new HttpConnection(server.Address);

        await connection.SendAsync(Request, ct);

        Assert.Equal(string.Concat(parts), Encoding.UTF8.GetString(connection.Body.Span));
    }

    [Theory]
    [InlineData("SMTP ready\r\n\r\n", "the answer is no HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "Content-Length: many")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "Content-Length: -5")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no size")]
    [InlineData("", "closed the connection")]
    public async Task What_is_no_answer_is_told_and_the_next_request_opens_a_new_connection(string answer, string message)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new FakeServer(number => number == 1 ? answer : FakeServer.Answer(200, "good"));
        using var connection = new HttpConnection(server.Address);

        var fault = await Assert.ThrowsAsync<IOException>(async () => await connection.SendAsync(Request, ct));
        Assert.Contains(message, fault.Message);

        Assert.Equal(200, await connection.SendAsync(Request, ct));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_server_that_closes_after_its_answer_is_connected_to_again()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = new FakeServer(_ => "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
        using var connection = new HttpConnection(server.Address);

        Assert.Equal(200, await connection.SendAsync(Request, ct));
        Assert.Equal("x"u8, connection.Body.Span);
        Assert.Equal(200, await connection.SendAsync(Request, ct));
        Assert.Equal(2, server.Connections);
    }
}
