using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serve.Eval.Json;

/// <summary>
/// Reads the values of one record and keeps the first fault, so that the whole record is read (and its id known) before the fault is
/// told. Every method stands on a property name, reads its value and answers false when the bytes end too early.
/// </summary>
internal sealed class RecordFields
{
    // Beyond it, a double no longer tells neighbouring integers apart.
    private const double LargestExactInteger = 1L << 53;
    private const int LongestQuotedValue = 40;

    /// <summary>The first fault of the record: a sentence without its subject's place.</summary>
    public string? Fault { get; private set; }

    /// <summary>Forgets the former record's fault.</summary>
    public void Begin() => Fault = null;

    /// <summary>Records a fault, unless there is one already.</summary>
    public void Fail(string fault) => Fault ??= fault;

    /// <summary>Passes over a value of any kind.</summary>
    public static bool Skip(ref Utf8JsonReader reader) => reader.TrySkip();

    /// <summary>A 64-bit integer; a number such as <c>7.0</c> counts as one.</summary>
    public bool Integer(ref Utf8JsonReader reader, string field, ref long? value)
    {
        if (!reader.Read())
            return false;
        if (TryInteger(ref reader, out var number))
        {
            value = number;
            return true;
        }
        return FailAndSkip(ref reader, field, "an integer of at most 64 bits");
    }

    /// <summary>A finite number, to the nearest double.</summary>
    public bool Number(ref Utf8JsonReader reader, string field, ref double? value)
    {
        if (!reader.Read())
            return false;
        if (TryNumber(ref reader, out var number))
        {
            value = number;
            return true;
        }
        return FailAndSkip(ref reader, field, "a finite number");
    }

    /// <summary>A truth value: 0, 1, any other integer (true), <c>true</c> or <c>false</c>.</summary>
    public bool Flag(ref Utf8JsonReader reader, string field, ref bool value)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            value = reader.GetBoolean();
            return true;
        }
        if (TryInteger(ref reader, out var number))
        {
            value = number != 0;
            return true;
        }
        return FailAndSkip(ref reader, field, "0 or 1");
    }

    /// <summary>A text, or null.</summary>
    public bool Text(ref Utf8JsonReader reader, string field, ref string? value)
    {
        if (!reader.Read())
            return false;
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                value = null;
                return true;
            case JsonTokenType.String:
                try
                {
                    value = reader.GetString();
                }
                catch (InvalidOperationException)
                {
                    // Broken UTF-8 or half of a surrogate pair.
                    Fail($"\"{field}\" is not valid Unicode text");
                }
                return true;
            default:
                return FailAndSkip(ref reader, field, "a text");
        }
    }

    /// <summary>A box <c>[x, y, width, height]</c>. An empty array counts as absent, as the reference takes it.</summary>
    public bool Box(ref Utf8JsonReader reader, string field, scoped Span<double> box, ref bool present)
    {
        const string Allowed = "[x, y, width, height], four finite numbers";

        if (!reader.Read())
            return false;
        if (reader.TokenType is not JsonTokenType.StartArray)
            return FailAndSkip(ref reader, field, Allowed);
        var count = 0;
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndArray)
                break;
            if (!TryNumber(ref reader, out var number))
            {
                Fail($"\"{field}\" holds {Describe(ref reader)}; it must be {Allowed}");
                if (!reader.TrySkip())
                    return false;
            }
            if (count < 4)
                box[count] = number;
            count++;
        }
        if (count is not (0 or 4))
            Fail(string.Create(CultureInfo.InvariantCulture, $"\"{field}\" has {count} value{(count == 1 ? "" : "s")}; it must be {Allowed}"));
        present = count != 0;
        return true;
    }

    private bool FailAndSkip(ref Utf8JsonReader reader, string field, string allowed)
    {
        Fail($"\"{field}\" is {Describe(ref reader)}; it must be {allowed}");
        return reader.TrySkip();
    }

    private static bool TryInteger(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        if (reader.TokenType is not JsonTokenType.Number)
            return false;
        if (reader.TryGetInt64(out value))
            return true;
        if (!reader.TryGetDouble(out var number) || number != Math.Floor(number) || Math.Abs(number) > LargestExactInteger)
            return false;
        value = (long)number;
        return true;
    }

    private static bool TryNumber(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        return reader.TokenType is JsonTokenType.Number && reader.TryGetDouble(out value) && double.IsFinite(value);
    }

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => $"the text \"{Quote(reader.ValueSpan)}\"",
        JsonTokenType.Number => Quote(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "null",
    };

    private static string Quote(ReadOnlySpan<byte> value)
        => value.Length <= LongestQuotedValue ? Encoding.UTF8.GetString(value) : Encoding.UTF8.GetString(value[..LongestQuotedValue]) + "…";
}
