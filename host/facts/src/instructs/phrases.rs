//! The phrases that are known, one a line, by language.
//!
//! A phrase is words one after the other, each one of several; `~3` lets up to three others
//! stand between, and `^` in front makes it an order: it begins a sentence, or one of
//! [`LEADS`] stands before it. Words are folded as texts are, so marks on letters do not
//! matter.

/// What may stand before an order.
pub(super) const LEADS: &str = "you must should shall please and then to also will agent agents \
    assistant assistants ai llm so therefore now bitte toujours por favor per";

pub(super) const PHRASES: [&str; 9] = [
    // English.
    "ignore|ignoring|disregard|disregarding|forget|override|bypass|neglect|skip ~4 \
     previous|prior|above|earlier|preceding|all|other|any|your|system|existing ~3 \
     instructions|instruction|prompt|prompts|guidelines|directives
     ignore|disregard|forget|override ~2 previous|prior|above|earlier|preceding ~2 \
     rules|messages|context|commands|text|conversation|orders
     your new|updated|real|actual|true ~1 instructions|instruction|task|goal|role|objective|mission
     ^ follow|obey ~2 these|my|new|following ~1 instructions|orders|commands
     important|critical|urgent|mandatory|secret|hidden ~1 instruction|instructions|directive
     from now on
     henceforth
     for|in ~1 all|every|any ~1 future|subsequent|later ~1 \
     sessions|session|conversations|runs|tasks|requests|interactions|responses
     ^ always|never ~1 \
     run|execute|use|call|invoke|send|post|upload|download|install|fetch|visit|open|include|add|\
append|write|store|save|delete|remove|disable|skip|trust|approve|accept|reply|respond|answer|\
tell|say|forward|share|email|pay|transfer|prefer|recommend|choose|pick|set|start|begin|ask|read|\
load|push|commit|deploy|report|mention|reveal|apply|follow|obey|ignore|return|output|print|give|\
grant|allow|enable|put|create|assume|treat|consider
     before|after ~1 every|each|any ~6 run|execute|call|send|fetch|post|upload|download
     ^ remember|memorize|memorise ~1 that|this|to|the|following|forever|permanently|always
     ^ save|store|add|write|record|note|put|keep|commit ~10 \
     your|long|persistent|permanent|agent|agents ~2 memory|memories|playbook|notes
     update ~2 your ~2 memory|memories|instructions|rules|playbook
     note|message|notice|instruction|instructions|reminder|memo ~2 to|for ~2 \
     agent|agents|assistant|assistants|ai|llm|llms|model|models|bot|chatbot
     attention|dear|hey|hello ~2 agent|agents|assistant|ai|llm|chatbot|claude|gpt
     agent|agents|assistant|assistants|ai|llm|llms|chatbot ~1 must|shall|should ~2 \
     run|execute|send|call|ignore|always|never|reply|respond|use|follow|obey|include|write|store|\
say|tell|visit|open|recommend|trust|remember|not
     you must|should|shall|need|have|are|will ~3 \
     ignore|obey|comply|reveal|forward|upload|recommend|trust|remember|pretend|disregard|exfiltrate
     you are now ~3 \
     mode|assistant|agent|ai|admin|administrator|root|unrestricted|dan|jailbroken|free|evil
     act|behave|pretend ~2 as|like|be ~3 \
     assistant|agent|ai|admin|administrator|dan|unrestricted|jailbroken|root
     your|new|hidden|reveal|show|print|repeat ~1 system prompt|message|instructions
     dont|never|not ~2 tell|inform|mention|reveal|warn|notify|alert|disclose ~4 \
     user|users|human|humans|operator|anyone|anybody|owner|developer|them
     without ~2 asking|telling|informing|notifying ~3 \
     user|human|anyone|operator|permission|confirmation
     ^ send|upload|forward|email|exfiltrate|leak|transfer ~8 \
     password|passwords|secret|secrets|credential|credentials|keys|conversation|transcript|money|\
funds|history
     reveal|exfiltrate|leak|disclose ~4 \
     system|password|passwords|secret|secrets|credentials|keys|instructions|prompt
     ^ disable|bypass|override|circumvent|ignore ~4 \
     safety|security|guardrails|guardrail|restrictions|safeguards|approval|approvals|moderation
     curl|wget ~14 sh|bash|zsh
     im|am ~2 your ~1 developer|admin|administrator|creator|owner|operator
     user|owner|admin|administrator|operator ~2 \
     authorized|authorised|approved|instructed|wants|asked ~1 you|agent|assistant
     jailbreak|jailbroken",
    // German.
    "ignoriere|ignoriert|ignorieren|missachte|missachten|vergiss|vergesse|verwirf|übergehe ~4 \
     anweisungen|anweisung|vorgaben|regeln|instruktionen|befehle|prompt|systemprompt
     deine|ihre neue|neuen|wahre|wahren|eigentliche ~1 anweisung|anweisungen|aufgabe|rolle
     ab sofort|jetzt ~6 immer|nie|niemals|musst|sollst|verwende|benutze|nutze|führe|führst
     von nun|jetzt an
     ^ führe|verwende|nutze|benutze|sende|schicke|installiere|lade|rufe|antworte|starte|öffne|\
empfiehl ~6 immer|stets|niemals|nie
     du|sie musst|müssen|sollst|sollen|sollten|darfst ~4 \
     immer|stets|nie|niemals|ignorieren|gehorchen|befolgen|senden|verraten|empfehlen
     ^ merke|merk|merken ~1 dir|sich
     ^ speichere|speichern|notiere|schreibe|füge ~8 gedächtnis|erinnerung|erinnerungen
     hinweis|nachricht|anweisung|mitteilung ~2 an|für ~2 \
     assistenten|assistent|agenten|agent|ki|modell
     sage|sag|verrate|erzähle|melde ~4 benutzer|nutzer|anwender|niemandem ~3 nicht|nichts|davon
     ohne ~3 nutzer|benutzer|anwender ~2 zu ~1 fragen|informieren
     du bist jetzt|nun|ab ~3 assistent|agent|ki|administrator|modus",
    // French.
    "ignore|ignorez|ignorer|oublie|oubliez|oublier|néglige|négligez ~4 \
     instructions|consignes|règles|directives|ordres
     à partir de maintenant
     désormais ~4 tu|vous|utilise|utilisez|exécute|exécutez|toujours|jamais
     ^ utilise|utilisez|exécute|exécutez|envoie|envoyez|installe|installez|lance|lancez|appelle|\
appelez|réponds|répondez|recommande|recommandez ~4 toujours
     ^ n'utilise|n'utilisez|n'exécute|n'exécutez ~1 jamais
     tu|vous dois|devez ~3 toujours|jamais|ignorer|envoyer|obéir|révéler|recommander|exécuter
     ^ souviens|souvenez|mémorise|mémorisez|retiens|retenez ~1 que|ceci|cela|de|toi|vous
     ^ enregistre|enregistrez|ajoute|ajoutez|note|notez ~8 mémoire
     ne ~1 dis|dites|révèle|révélez|mentionne|mentionnez|préviens|prévenez ~2 rien|pas|jamais ~4 \
     utilisateur|l'utilisateur|personne|humain
     note|message|avis|instruction|instructions ~2 à|au|aux|pour|l'attention ~3 \
     l'assistant|assistant|agent|l'agent|l'ia|ia|modèle
     nouvelles instructions|consignes
     tu|vous es|êtes maintenant|désormais ~3 assistant|agent|ia|administrateur|mode",
    // Spanish.
    "ignora|ignore|ignoren|ignorad|olvida|olvide|olviden|descarta ~4 \
     instrucciones|reglas|indicaciones|órdenes|directrices
     a partir de ahora
     de ahora en adelante
     ^ siempre|nunca ~1 \
     ejecuta|ejecute|usa|use|utiliza|utilice|envía|envíe|instala|instale|llama|llame|responde|\
responda|recomienda|recomiende|digas|reveles|menciones
     ^ ejecuta|ejecute|usa|utiliza|envía|envíe|instala|instale|llama|responde|recomienda ~4 siempre
     debes|debe ~1 siempre|nunca|ignorar|obedecer|enviar|revelar|recomendar
     ^ recuerda|recuerde|memoriza|memorice ~1 que|esto|lo|siempre
     ^ guarda|guarde|añade|añada|anota|anote|escribe|registra ~8 memoria
     no ~2 digas|diga|informes|informe|menciones|mencione|reveles|revele|avises|avise ~4 \
     usuario|usuaria|nadie|humano
     nota|mensaje|aviso|instrucción|instrucciones ~2 para|al ~2 asistente|agente|ia|modelo
     tus|sus nuevas ~1 instrucciones|órdenes|reglas
     ahora eres ~3 asistente|agente|ia|administrador|modo",
    // Italian.
    "ignora|ignorare|ignorate|ignori|dimentica|dimenticate|tralascia ~4 \
     istruzioni|regole|direttive|indicazioni|ordini
     d'ora in poi|avanti
     da ora|adesso in poi|avanti
     ^ esegui|eseguite|usa|usate|utilizza|invia|inviate|installa|chiama|rispondi|consiglia|\
raccomanda ~4 sempre
     devi|dovete|deve ~2 sempre|mai|ignorare|obbedire|inviare|rivelare|consigliare
     ^ ricorda|ricordati|ricordate|memorizza|memorizzate ~1 che|di|questo|sempre
     ^ salva|salvate|aggiungi|annota|scrivi|registra ~8 memoria
     non ~1 dire|dirlo|rivelare|menzionare|avvisare|informare ~4 utente|all'utente|nessuno|l'utente
     nota|messaggio|avviso|istruzione|istruzioni ~2 per|all|al ~2 \
     l'assistente|assistente|agente|l'agente|ia|l'ia|modello
     nuove istruzioni
     ora sei ~3 assistente|agente|ia|amministratore|modalità|un",
    // Portuguese.
    "ignore|ignora|ignorar|ignorem|esqueça|desconsidere|desconsiderar ~4 \
     instruções|regras|diretrizes|orientações|ordens
     a partir de agora
     de agora em diante
     ^ sempre|nunca ~1 \
     execute|use|utilize|envie|instale|chame|responda|recomende|diga|revele|mencione|abra
     ^ execute|use|utilize|envie|instale|chame|responda|recomende ~4 sempre
     você ~1 deve|precisa ~2 sempre|nunca|ignorar|obedecer|enviar|revelar|recomendar
     ^ lembre|memorize|recorde ~1 se|que|isto|isso|disto
     ^ guarde|salve|adicione|anote|escreva|registre ~8 memória
     não ~1 diga|conte|informe|mencione|revele|avise ~4 usuário|utilizador|ninguém|humano
     nota|mensagem|aviso|instrução|instruções ~2 para|ao|à|a ~2 assistente|agente|ia|modelo
     novas instruções
     você ~2 agora ~3 assistente|agente|ia|administrador|modo",
    // Dutch.
    "negeer|negeren|vergeet|vergeten ~4 instructies|regels|opdrachten|richtlijnen|aanwijzingen
     vanaf nu ~6 altijd|nooit|moet|gebruik|voer|stuur
     voortaan ~4 altijd|nooit|moet|gebruik|voer|stuur
     ^ voer|gebruik|stuur|verzend|installeer|open|antwoord|roep|raad ~6 altijd|nooit
     je|jij|u moet|moeten|dient|zult ~3 \
     altijd|nooit|negeren|gehoorzamen|sturen|onthullen|aanbevelen
     ^ onthoud ~1 dat|dit|voortaan|altijd|het
     ^ bewaar|sla|voeg|schrijf|noteer ~8 geheugen
     vertel|zeg|meld ~3 gebruiker|niemand ~3 niet|niets
     zeg|vertel ~1 niets ~4 gebruiker
     bericht|opmerking|notitie|instructie|instructies ~2 aan|voor ~2 assistent|agent|ai|model
     je|jouw|uw nieuwe ~1 instructies|opdracht|taak|rol
     je|jij bent nu ~3 assistent|agent|ai|beheerder|modus",
    // Polish.
    "zignoruj|ignoruj|zignorujcie|pomiń|zapomnij ~4 \
     instrukcje|instrukcji|instrukcjach|polecenia|poleceń|zasady|wytyczne|reguły
     od teraz|dziś ~4 zawsze|nigdy|musisz|używaj|uruchamiaj
     od tej pory|chwili
     ^ zawsze|nigdy ~1 \
     uruchamiaj|uruchom|używaj|użyj|wysyłaj|wyślij|instaluj|\
zainstaluj|odpowiadaj|polecaj|wywołuj|nie
     musisz|powinieneś ~2 zawsze|nigdy|zignorować|wysłać|ujawnić|polecać
     ^ zapamiętaj|pamiętaj ~1 że|to|aby|żeby|zawsze|o
     ^ zapisz|dodaj|zanotuj ~8 pamięci|pamięć
     nie ~1 mów|informuj|wspominaj|ujawniaj|ostrzegaj ~4 \
     użytkownikowi|użytkownika|nikomu|człowiekowi
     wiadomość|uwaga|instrukcja|notatka ~2 dla|do ~2 asystenta|agenta|ai|modelu
     twoje nowe ~1 instrukcje|zadanie|polecenia
     jesteś teraz ~3 asystentem|agentem|ai|administratorem|trybie",
    // Russian.
    "игнорируй|игнорируйте|проигнорируй|забудь|забудьте|отбрось ~4 \
     инструкции|указания|правила|команды|предписания
     отныне
     с этого момента
     ^ всегда|никогда ~2 \
     запускай|запускайте|выполняй|выполняйте|используй|используйте|отправляй|отправляйте|\
устанавливай|вызывай|отвечай|рекомендуй|сообщай|говори
     ты|вы должен|должны|обязан|обязаны ~3 \
     всегда|никогда|игнорировать|отправить|отправлять|раскрыть|выполнять|рекомендовать
     ^ запомни|запомните ~1 что|это|следующее|навсегда
     ^ сохрани|сохраните|добавь|добавьте|запиши|запишите ~8 память|памяти
     не говори|говорите|сообщай|сообщайте|упоминай|упоминайте|раскрывай ~4 \
     пользователю|никому|человеку
     сообщение|примечание|инструкция|заметка ~2 для ~2 ассистента|агента|ии|модели|помощника
     твои|ваши новые ~1 инструкции|указания
     теперь ты|вы ~3 ассистент|агент|ии|администратор|режиме",
];

/// The same for Chinese, Japanese and Korean, whose words are not cut.
pub(super) const UNCUT: &str = "忽略之前/忽略以上/忽略所有/忽略先前/忽略前面/忽略上述/无视之前/无视以上/无视所有/無視之前/忘记之前/忘记以上/\
    忘記之前/从现在开始/从现在起/從現在開始/從現在起/今后请/始终运行/始终使用/始终执行/总是运行/总是使用/\
    总是执行/必须始终/永远不要/请记住/請記住/记住以下/写入记忆/保存到记忆/添加到记忆/存入记忆/不要告诉用户/\
    不要通知用户/不要告訴使用者/不要告訴用戶/新的指令/你的新任务/系统提示词/你现在是/致助手/\
    以前の指示/これまでの指示/上記の指示を/指示を無視/指示は無視/命令を無視/ルールを無視/今後は必ず/今後は常に/\
    これからは必ず/これからは常に/必ず実行して/常に実行して/常に使用して/必ず使用して/覚えておいて/記憶してください/\
    メモリに保存/記憶に追加/ユーザーに言わない/ユーザーに伝えない/ユーザーに知らせない/ユーザーには知らせ/新しい指示/\
    あなたは今から/アシスタントへの指示/システムプロンプト/\
    이전 지시/이전의 지시/위의 지시/지시를 무시/지침을 무시/명령을 무시/규칙을 무시/지금부터/앞으로는 항상/\
    앞으로 항상/항상 실행하/항상 사용하/반드시 실행하/기억하세요/기억하십시오/기억해 주세요/메모리에 저장/\
    메모리에 추가/사용자에게 말하지/사용자에게 알리지/새로운 지시/당신은 이제/너는 이제/시스템 프롬프트";

/// Marks of a conversation's roles.
pub(super) const MARKS: [&str; 23] = [
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|system|>",
    "<|assistant|>",
    "<|user|>",
    "[inst]",
    "[/inst]",
    "<<sys>>",
    "<system>",
    "</system>",
    "<system-reminder>",
    "<system_prompt>",
    "<important>",
    "### instruction",
    "### system",
    "\nassistant:",
    "\nhuman:",
    "\nsystem: you",
    "\"role\": \"system\"",
    "\"role\":\"system\"",
];
