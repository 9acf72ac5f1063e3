using System.Text.Json;
using Serve.Api.Problems;

namespace Serve.Api.OpenInference;

/// <summary>Reads the objects named <c>parameters</c>: of a request, of an input and of an output.</summary>
internal static class ParameterReader
{
    private const int MostDetections = 1000;

    /// <summary>Parameters of the request.</summary>
    public static RequestParameters OfRequest(ref Utf8JsonReader reader)
    {
        var begun = Begins(ref reader, "parameters");
        var parameters = new RequestParameters();
        while (begun && Next(ref reader, out var name))
            switch (name)
            {
                case "binary_data_output":
                    parameters.BinaryOutput = Flag(ref reader, name);
                    break;
                case "priority":
                    parameters.Priority = (int)Whole(ref reader, name, int.MaxValue);
                    break;
                case "timeout":
                    parameters.TimeoutMicroseconds = Whole(ref reader, name, (long)TimeSpan.FromDays(1).TotalMicroseconds);
                    break;
                case "confidence":
                    parameters.Confidence = Fraction(ref reader, name);
                    break;
                case "iou":
                    parameters.Iou = Fraction(ref reader, name);
                    break;
                case "max_detections":
                    parameters.MaxDetections = Whole(ref reader, name, MostDetections) is > 0 and var most ? (int)most : throw Wrong(name, $"0 is not between 1 and {MostDetections}.");
                    break;
            }
        return parameters;
    }

    /// <summary>The <c>binary_data_size</c> of an input; null where there is none.</summary>
    public static long? BinarySize(ref Utf8JsonReader reader)
    {
        var begun = Begins(ref reader, "inputs[].parameters");
        long? size = null;
        while (begun && Next(ref reader, out var name))
            if (name == "binary_data_size")
                size = Whole(ref reader, name, long.MaxValue);
            else
                RefuseSharedMemory(name);
        return size;
    }

    /// <summary>The <c>binary_data</c> of an output; null where there is none.</summary>
    public static bool? Binary(ref Utf8JsonReader reader)
    {
        var begun = Begins(ref reader, "outputs[].parameters");
        bool? binary = null;
        while (begun && Next(ref reader, out var name))
            if (name == "binary_data")
                binary = Flag(ref reader, name);
            else if (name == "classification")
                throw Refusal.Unsupported("The classification extension is not offered; leave the parameter \"classification\" out.");
            else
                RefuseSharedMemory(name);
        return binary;
    }

    /// <summary>Moves to the next value; every value has to be a string, a number or a boolean, also those of parameters that are passed over.</summary>
    private static bool Next(ref Utf8JsonReader reader, out string name)
    {
        name = "";
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
            return false;
        name = reader.GetString()!;
        reader.Read();
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
            ? true
            : throw Wrong(name, "a parameter is a string, a number or a boolean.");
    }

    private static bool Begins(ref Utf8JsonReader reader, string where) => reader.TokenType switch
    {
        JsonTokenType.StartObject => true,
        JsonTokenType.Null => false,
        _ => throw Refusal.Request($"{where}: expected an object."),
    };

    private static bool Flag(ref Utf8JsonReader reader, string name)
        => reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw Wrong(name, "expected true or false.");

    private static long Whole(ref Utf8JsonReader reader, string name, long most)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) && value >= 0 && value <= most
            ? value
            : throw Wrong(name, $"expected a whole number from 0 to {most}.");

    private static double Fraction(ref Utf8JsonReader reader, string name)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && value is >= 0 and <= 1
            ? value
            : throw Wrong(name, "expected a number from 0 to 1.");

    private static void RefuseSharedMemory(string name)
    {
        if (name.StartsWith("shared_memory_", StringComparison.Ordinal))
            throw Refusal.Unsupported($"Shared memory is not offered; leave the parameter \"{name}\" out and send the data.");
    }

    private static RequestRefusedException Wrong(string name, string message) => Refusal.Request($"parameter '{name}': {message}");
}
