using System.Text.Json;
using Serve.Eval.Checks;
using Serve.Eval.Json;

namespace Serve.Eval.Formats.Coco;

/// <summary>Reads the fields of a record and reports those that hold something else than they must.</summary>
/// <param name="record">The record.</param>
/// <param name="place">Where it is.</param>
/// <param name="faults">Is told what is wrong.</param>
internal readonly struct RecordValues(JsonElement record, RecordPlace place, IFaultSink faults)
{
    private const double LargestExactInteger = 1L << 53;
    private const int LongestQuotedValue = 40;

    /// <summary>A whole number; null where it is missing or something else, which is reported.</summary>
    public long? Integer(string field, bool required = true)
    {
        if (!Has(field, "an integer", required, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.Number)
        {
            if (value.TryGetInt64(out var number))
                return number;
            if (value.TryGetDouble(out var real) && real == Math.Floor(real) && Math.Abs(real) <= LargestExactInteger)
                return (long)real;
        }
        return Refuse<long>(field, value, "an integer of at most 64 bits");
    }

    /// <summary>A finite number; null where it is missing or something else.</summary>
    public double? Number(string field, bool required = false, string allowed = "a finite number")
    {
        if (!Has(field, allowed, required, out var value))
            return null;
        return TryNumber(value, out var number) ? number : Refuse<double>(field, value, allowed);
    }

    /// <summary>A truth value: 0, 1, true or false; false where it is missing.</summary>
    public bool Flag(string field)
    {
        if (!Has(field, "0 or 1", required: false, out var value))
            return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        if (value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && number is 0 or 1)
            return number == 1;
        return Refuse<bool>(field, value, "0 or 1") ?? false;
    }

    /// <summary>A text; null where it is missing.</summary>
    public string? Text(string field)
    {
        if (!Has(field, "a text", required: false, out var value))
            return null;
        if (value.ValueKind is not JsonValueKind.String)
        {
            Refuse<bool>(field, value, "a text");
            return null;
        }
        if (JsonText.Of(value) is { } text)
            return text;
        Report(FaultKinds.WrongValue, field, "is not valid Unicode text");
        return null;
    }

    /// <summary>A list of whole numbers; empty where it is missing.</summary>
    public IReadOnlyList<long> Integers(string field)
    {
        if (!Has(field, "a list of integers", required: false, out var value))
            return [];
        if (value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind is JsonValueKind.Number && entry.TryGetInt64(out _)))
            return [.. value.EnumerateArray().Select(entry => entry.GetInt64())];
        Refuse<bool>(field, value, "a list of integers");
        return [];
    }

    /// <summary>A list of texts; null where it is missing.</summary>
    public IReadOnlyList<string>? Texts(string field)
    {
        if (!Has(field, "a list of texts", required: false, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind is JsonValueKind.String && JsonText.Of(entry) is not null))
            return [.. value.EnumerateArray().Select(entry => entry.GetString()!)];
        Refuse<bool>(field, value, "a list of texts");
        return null;
    }

    /// <summary>Four numbers. A number that is not finite is reported and NaN.</summary>
    /// <returns>Null where there is no box, which is reported.</returns>
    public double[]? Box(string field)
    {
        const string allowed = "[x, y, width, height], four finite numbers";
        if (!Has(field, allowed, required: true, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 4)
            return Numbers(field, value, allowed);
        if (value.ValueKind is JsonValueKind.Array)
            Report(FaultKinds.WrongValue, field, $"has {value.GetArrayLength()} value{(value.GetArrayLength() == 1 ? "" : "s")}; it must be {allowed}");
        else
            Refuse<bool>(field, value, allowed);
        return null;
    }

    /// <summary>The numbers of an array. One that is not finite is reported, once for the array, and NaN.</summary>
    public double[] Numbers(string field, JsonElement array, string allowed)
    {
        var numbers = new double[array.GetArrayLength()];
        var (at, told) = (0, false);
        foreach (var entry in array.EnumerateArray())
        {
            if (TryNumber(entry, out numbers[at++]))
                continue;
            numbers[at - 1] = double.NaN;
            if (!told)
                Report(IsNotFinite(entry) ? FaultKinds.NotFinite : FaultKinds.WrongValue, field, $"holds {Describe(entry)}; it must be {allowed}");
            told = true;
        }
        return numbers;
    }

    /// <summary>Whether a field is missing, or a list of nothing.</summary>
    public bool IsEmpty(string field) => !JsonText.TryFind(record, field, out var value) || (value.ValueKind is JsonValueKind.Array && value.GetArrayLength() == 0);

    /// <summary>A field that is there and not null.</summary>
    public bool Has(string field, string allowed, bool required, out JsonElement value)
    {
        if (JsonText.TryFind(record, field, out value) && (value.ValueKind is not JsonValueKind.Null || required))
            return true;
        if (required)
            Report(FaultKinds.MissingField, field, $"is missing; it must be {allowed}");
        return false;
    }

    /// <summary>Reports a fault of a field.</summary>
    public void Report(FaultKind kind, string field, string text) => faults.Report(new(kind, place, field, text));

    /// <summary>Reports that a field holds something else, and answers null.</summary>
    public T? Refuse<T>(string field, JsonElement value, string allowed)
        where T : struct
    {
        Report(IsNotFinite(value) ? FaultKinds.NotFinite : FaultKinds.WrongValue, field, $"is {Describe(value)}; it must be {allowed}");
        return null;
    }

    private static bool TryNumber(JsonElement value, out double number)
    {
        number = 0;
        return value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out number) && double.IsFinite(number);
    }

    private static bool IsNotFinite(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => NotANumberMask.Unmask(JsonText.Of(value)) is not null,
        JsonValueKind.Number => !value.TryGetDouble(out var number) || !double.IsFinite(number),
        _ => false,
    };

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => NotANumberMask.Unmask(JsonText.Of(value)) ?? $"the text \"{Shorten(JsonText.Of(value) ?? "�")}\"",
        JsonValueKind.Number => Shorten(value.GetRawText()),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private static string Shorten(string text) => text.Length <= LongestQuotedValue ? text : text[..LongestQuotedValue] + "…";
}
