using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Serve.Api.Access;

/// <summary>A key as its owner has it: <c>serve_</c>, 8 characters that name it, <c>_</c>, 43 that are secret (256 bits). The server keeps a hash of the secret.</summary>
/// <param name="Id">What names it, in lists and logs.</param>
/// <param name="SecretHash">SHA-256 of the secret.</param>
internal sealed record ApiKey(string Id, byte[] SecretHash)
{
    private const string Prefix = "serve_";
    private const int IdLength = 8;
    private const int SecretLength = 43;
    private const string IdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create(IdAlphabet);

    /// <summary>Makes a key.</summary>
    /// <param name="text">The whole key, which is kept nowhere.</param>
    public static ApiKey Create(out string text)
    {
        var id = RandomNumberGenerator.GetString(IdAlphabet, IdLength);
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        text = $"{Prefix}{id}_{secret}";
        return new ApiKey(id, HashOf(secret));
    }

    /// <summary>Reads a key; null when the text is none. The secret is random and long, so that one fast hash protects it.</summary>
    public static ApiKey? Find(string text)
        => IsOne(text) ? new ApiKey(text.Substring(Prefix.Length, IdLength), HashOf(text[^SecretLength..])) : null;

    /// <summary>Whether a text looks like a key of this server, and not like what a gateway before it knows.</summary>
    public static bool IsOne(string text)
        => text.Length == Prefix.Length + IdLength + 1 + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[Prefix.Length + IdLength] == '_'
            && text.AsSpan(Prefix.Length, IdLength).IndexOfAnyExcept(IdCharacters) < 0;

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
