using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Serve.Cli.Bench;

/// <summary>One kept-alive HTTP/1.1 connection that sends requests made beforehand: the load must cost little beside the server that it shares a machine with.</summary>
internal sealed class HttpConnection(Uri server) : IDisposable
{
    private const int LargestAnswer = 256 << 20;

    private Socket? _socket;
    private byte[] _buffer = new byte[16 << 10];
    private int _held;

    /// <summary>The body of the last answer; valid until the next request.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Sends a whole request and reads the whole answer.</summary>
    /// <param name="request">Head and body.</param>
    /// <param name="ct">Cancels; the connection is then closed.</param>
    /// <returns>The status.</returns>
    /// <exception cref="IOException">The connection broke, or the answer is no HTTP.</exception>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        try
        {
            _socket ??= await ConnectAsync(ct);
            for (var rest = request; rest.Length > 0;)
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, ct)..];
            return await ReadAnswerAsync(ct);
        }
        catch (Exception fault)
        {
            Dispose();
            if (fault is SocketException)
                throw new IOException(fault.Message, fault);
            throw;
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Socket> ConnectAsync(CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.IdnHost, server.Port, ct);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async ValueTask<int> ReadAnswerAsync(CancellationToken ct)
    {
        _held = 0;
        int end;
        while ((end = _buffer.AsSpan(0, _held).IndexOf("\r\n\r\n"u8)) < 0)
            await ReceiveAsync(ct);
        var head = Encoding.Latin1.GetString(_buffer, 0, end);
        if (!head.StartsWith("HTTP/1.", StringComparison.Ordinal) || head.Length < 12 || !int.TryParse(head.AsSpan(9, 3), out var status))
            throw new IOException($"the answer is no HTTP: {head[..Math.Min(60, head.Length)]}");
        var start = end + 4;
        if (Header(head, "content-length") is { } text)
        {
            if (!int.TryParse(text, out var length) || length is < 0 or > LargestAnswer)
                throw new IOException($"the answer has Content-Length: {text}");
            while (_held < start + length)
                await ReceiveAsync(ct);
            Body = _buffer.AsMemory(start, length);
        }
        else if (Header(head, "transfer-encoding") is { } coding && coding.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            Body = await ReadChunksAsync(start, ct);
        }
        else
        {
            Body = ReadOnlyMemory<byte>.Empty;
        }

        if (Header(head, "connection") is { } connection && connection.Contains("close", StringComparison.OrdinalIgnoreCase))
            Dispose();
        return status;
    }

    // Chunks are moved together in place: the body only ever shrinks.
    private async ValueTask<ReadOnlyMemory<byte>> ReadChunksAsync(int start, CancellationToken ct)
    {
        var (read, written) = (start, start);
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(read, _held - read).IndexOf("\r\n"u8)) < 0)
                await ReceiveAsync(ct);
            if (!Utf8Parser.TryParse(_buffer.AsSpan(read, line), out int size, out _, 'x') || size < 0)
                throw new IOException("a chunk of the answer has no size");
            read += line + 2;
            while (_held < read + size + 2)
                await ReceiveAsync(ct);
            if (size == 0)
                return _buffer.AsMemory(start, written - start);
            Buffer.BlockCopy(_buffer, read, _buffer, written, size);
            (read, written) = (read + size + 2, written + size);
        }
    }

    private async ValueTask ReceiveAsync(CancellationToken ct)
    {
        if (_held == _buffer.Length)
        {
            if (_buffer.Length >= LargestAnswer)
                throw new IOException($"the answer is larger than {LargestAnswer} bytes");
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        var received = await _socket!.ReceiveAsync(_buffer.AsMemory(_held), SocketFlags.None, ct);
        if (received == 0)
            throw new IOException("the server closed the connection");
        _held += received;
    }

    private static string? Header(string head, string name)
    {
        var at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var value = at + name.Length + 3;
        var end = head.IndexOf("\r\n", value, StringComparison.Ordinal);
        return (end < 0 ? head[value..] : head[value..end]).Trim();
    }
}
