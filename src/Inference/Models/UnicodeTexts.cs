using System.Text;
using System.Text.Json;
using Serve.Eval;

namespace Serve.Inference.Models;

/// <summary>Looks whether the texts of a JSON document are texts: its reader refuses bytes that are no UTF-8, and halves of surrogate pairs, only when they are asked for.</summary>
internal static class UnicodeTexts
{
    /// <summary>Refuses a document with a text or a name that cannot be read.</summary>
    /// <exception cref="InvalidInputException">There is one; the message says where.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static void Require(ReadOnlySpan<byte> json, string source)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            try
            {
                _ = reader.GetString();
            }
            catch (InvalidOperationException e)
            {
                throw new InvalidInputException($"{source}: the text at byte {reader.TokenStartIndex} is no Unicode: bytes that are not UTF-8, or half a surrogate pair.", e);
            }
        }
    }

    /// <inheritdoc cref="Require(ReadOnlySpan{byte}, string)"/>
    public static void Require(string json, string source) => Require(Encoding.UTF8.GetBytes(json), source);
}
