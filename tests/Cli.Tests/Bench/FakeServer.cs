using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serve.Cli.Tests.Bench;

/// <summary>A server on a free port that answers each request with bytes chosen by the test.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, string, ValueTask<byte[]>> _answer;
    private readonly Task _accepting;
    private int _requests;
    private int _connections;

    /// <param name="answer">Gets the number of the request, from 1, and its head; gives the whole answer. None: the connection is closed.</param>
    public FakeServer(Func<int, string, ValueTask<byte[]>> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync(_stop.Token);
    }

    public FakeServer(Func<int, string> answer) : this((number, _) => ValueTask.FromResult(Encoding.Latin1.GetBytes(answer(number))))
    {
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Requests => _requests;

    public int Connections => _connections;

    /// <summary>An answer with a length.</summary>
    public static string Answer(int status, string body) => $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // Before the listener is stopped: between two connections it would be asked for the next one afterwards.
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken ct)
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(ct), ct);
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken ct)
    {
        Interlocked.Increment(ref _connections);
        using var stream = new NetworkStream(socket, ownsSocket: true);
        var held = new List<byte>();
        var buffer = new byte[65536];
        try
        {
            while (true)
            {
                int end;
                while ((end = Encoding.Latin1.GetString([.. held]).IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
                {
                    var read = await stream.ReadAsync(buffer, ct);
                    if (read == 0)
                        return;
                    held.AddRange(buffer.AsSpan(0, read));
                }

                var head = Encoding.Latin1.GetString([.. held[..end]]);
                var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) is { } line
                    ? int.Parse(line[15..]) : 0;
                while (held.Count < end + 4 + length)
                    held.AddRange(buffer.AsSpan(0, await stream.ReadAsync(buffer, ct)));
                held.RemoveRange(0, end + 4 + length);
                var answer = await _answer(Interlocked.Increment(ref _requests), head);
                if (answer.Length == 0)
                    return;
                await stream.WriteAsync(answer, ct);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            // The other side is gone, or the test is over.
        }
    }
}
