"""What is said in a call, written by Twilio's own library, beside what the service wrote: both as parsed XML."""

import json
import sys
import xml.etree.ElementTree as ET

from twilio.twiml.voice_response import Gather, VoiceResponse

VOICES = {"en": ("Polly.Joanna-Neural", "en-US"), "es": ("Polly.Lupe-Neural", "es-US")}


def speak(into, said):
    voice, language = VOICES[said["locale"]]
    line = into.say(voice=voice, language=language)
    for piece in said["pieces"]:
        if "words" in piece:
            line.nest(piece["words"])
            continue
        code = piece["digits"]
        slow = line.prosody(rate="slow")
        for at, digit in enumerate(code):
            if at:
                slow.break_(time="1000ms" if at == len(code) // 2 else "500ms")
            slow.nest(digit)


def theirs(step):
    response = VoiceResponse()
    if step["gather"]:
        action, seconds = step["gather"]
        gather = Gather(num_digits=1, timeout=seconds, action=action, action_on_empty_result=True)
        for said in step["said"]:
            speak(gather, said)
        response.append(gather)
    else:
        for said in step["said"]:
            speak(response, said)
        response.hangup()
    return str(response)


def parsed(xml):
    def tree(node):
        attributes = dict(node.attrib)
        inside = [node.text or ""] + [part for child in node for part in (tree(child), child.tail or "")]
        return [node.tag, attributes, inside]

    return tree(ET.fromstring(xml))


steps = json.load(sys.stdin)
json.dump([{"ours": parsed(step["twiml"].encode()), "theirs": parsed(theirs(step))} for step in steps], sys.stdout)
